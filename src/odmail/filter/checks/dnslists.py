"""Blocklists and allowlists in the DNS.  RFC 5782

Who is on a blocklist can still write to postmaster and abuse: that is how mistakes come to light (RFC 2142).
"""

import ipaddress
from collections.abc import Iterable, Sequence

from odcore.errors import Fault
from odcore.net.dns import Resolver
from odmail.filter.case import Case
from odmail.filter.check import Check, Tools
from odmail.queue.verdict import Action, Finding

_OPEN_TO_ALL = frozenset(("postmaster", "abuse"))
_LISTED = ipaddress.ip_network("127.0.0.0/8")
_ERRORS = ipaddress.ip_network("127.255.255.0/24")
"""What lists answer to those who may not ask, or ask too much: it says nothing about the client."""


def check(case: Case, tools: Tools) -> Iterable[Finding]:
    """Allowlists first: who is on one is not sought on a blocklist."""
    if tools.resolver is None:
        return
    settings, client = tools.settings, case.origin.address
    allowed = _first(settings.allowlists, client, tools.resolver)
    if allowed:
        yield Finding("dnswl", "listed", allowed, -2.0)
        return
    blocked = _first(settings.blocklists, client, tools.resolver)
    if blocked:
        action = Action.NONE if _is_for_postmaster(case) else Action.REFUSE
        yield Finding("dnsbl", "listed", f"{client} is listed at {blocked}", 5.0, action)


def _first(zones: Sequence[str], client: str, resolver: Resolver) -> str:
    """The first zone that lists the client; one that does not answer lists nobody."""
    for zone in zones:
        try:
            answers = resolver.a(f"{_reversed(client)}.{zone}")
        except Fault:
            continue
        if any((ip := ipaddress.ip_address(each)) in _LISTED and ip not in _ERRORS for each in answers):
            return zone
    return ""


def _reversed(client: str) -> str:
    """RFC 5782 2.1, 2.4"""
    pointer = ipaddress.ip_address(client).reverse_pointer
    return pointer.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa")


def _is_for_postmaster(case: Case) -> bool:
    return all(each.address.partition("@")[0].lower() in _OPEN_TO_ALL for each in case.envelope.recipients)


CHECK = Check("dnslists", 30, check, outside=True)
