"""Do the domain's mail exchangers lead here?  RFC 5321 5.1, RFC 7505"""

from collections.abc import Iterator

from odsuite.published.check import Case, Check, Verdict, bad, doubtful, good, listed


def look(case: Case) -> Iterator[Verdict]:
    """Other exchangers may be intended: a gateway in front of this server."""
    found = case.exchangers()
    record = f"{case.domain}. IN MX 10 {case.host}."
    if not found:
        yield bad("no MX record: mail is sent to the domain's own address, if it has one", record)
        return
    if any(not each.host for each in found):
        yield bad("a null MX says that the domain takes no mail", record)
        return
    hosts = [each.host for each in found]
    for host in hosts:
        if not case.addresses(host):
            yield bad(f"the mail exchanger {host} has no address", f"{host}. IN A ...")
        elif other := case.source.alias(host):
            yield bad(f"the mail exchanger {host} is an alias (CNAME) of {other}: name that one (RFC 5321 5.1)")
    if case.host.lower() in hosts:
        yield good(f"mail goes to {listed(hosts)}")
    else:
        yield doubtful(f"mail goes to {listed(hosts)} and not to {case.host}", record)


CHECK = Check("mx", 10, look)
