"""Does the client's address have a name that leads back to it?  RFC 8601 2.7.3, RFC 1912 2.1"""

import ipaddress

from odcore.errors import Fault, Kind
from odcore.net.dns import Resolver
from odmail.queue.verdict import Finding

_MOST_NAMES = 5


def check(client: str, resolver: Resolver) -> Finding:
    """`iprev`. Spam comes from machines without such a name far more often than mail does."""
    fact = (("policy.iprev", client),)
    try:
        names = resolver.ptr(client)
    except Fault as fault:
        if fault.kind is Kind.NOT_FOUND:
            return Finding("iprev", "permerror", "the address has no name", score=1.5, facts=fact)
        return Finding("iprev", "temperror", facts=fact)
    uncertain = False
    for name in names[:_MOST_NAMES]:
        try:
            if _same(client, resolver.addresses(name)):
                return Finding("iprev", "pass", facts=fact, name=name)
        except Fault as fault:
            uncertain |= fault.kind is not Kind.NOT_FOUND
    if uncertain:
        return Finding("iprev", "temperror", facts=fact)
    return Finding("iprev", "fail", "no name leads back to the address", score=1.0, facts=fact)


def _same(client: str, found: tuple[str, ...]) -> bool:
    wanted = ipaddress.ip_address(client)
    return any(ipaddress.ip_address(address) == wanted for address in found)
