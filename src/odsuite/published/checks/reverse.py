"""Do the server's addresses lead back to its name?  RFC 1912 2.1, RFC 8601 2.7.3"""

import ipaddress
from collections.abc import Iterator

from odsuite.published.check import Case, Check, Verdict, bad, doubtful, good, listed, none_for_missing


def look(case: Case) -> Iterator[Verdict]:
    """Each of them: many receivers refuse a client whose name is not confirmed both ways."""
    found = case.addresses(case.host)
    if not found:
        yield bad(f"{case.host} has no address in the DNS", f"{case.host}. IN A ...")
    for address in found:
        record = f"{ipaddress.ip_address(address).reverse_pointer}. IN PTR {case.host}."
        names = none_for_missing(case.source.ptr, address)
        if case.host.lower() in names:
            yield good(f"{address} is {case.host}, both ways")
        elif any(address in case.addresses(name) for name in names):
            yield doubtful(f"{address} calls itself {listed(names)}, not {case.host} as in greetings", record)
        else:
            yield bad(f"{address} has no name that leads back to it: many refuse its mail", record)


CHECK = Check("reverse", 80, look, of_server=True)
