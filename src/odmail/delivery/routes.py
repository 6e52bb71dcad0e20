"""Which hosts take mail for a domain.  RFC 5321 5.1, RFC 7505"""

import ipaddress
from itertools import takewhile

from odcore import ids
from odcore.errors import Fault, Kind
from odcore.net.dns import Deadline, Mx, Resolver
from odmail.delivery.ports import Host

MOST_HOSTS = 8
_PATIENCE = 30.0
"""Seconds for all look-ups of one domain (P16)."""


class NoRoute(Exception):
    """The domain takes no mail, for a reason that another attempt will not change."""

    def __init__(self, enhanced: str, text: str) -> None:
        super().__init__(text)
        self.enhanced = enhanced
        self.text = text


def hosts_of(domain: str, resolver: Resolver, own_name: str) -> tuple[Host, ...]:
    """In the order to try them. Faults TRY_LATER when the DNS is silent; NoRoute when nothing can be reached."""
    if domain.startswith("["):
        raise NoRoute("5.1.2", "mail to address literals is not carried")
    asking = Deadline(resolver, _PATIENCE)
    hosts = [_host(each.host, asking) for each in _exchangers(domain, asking, own_name)[:MOST_HOSTS]]
    reachable = tuple(host for host in hosts if host is not None and host.addresses)
    if reachable:
        return reachable
    if None in hosts:
        raise Fault(Kind.TRY_LATER, f"The DNS gave no address of a mail server for {domain}.")
    raise NoRoute("5.4.4", f"no mail server of {domain} has an address")


def _exchangers(domain: str, resolver: Resolver, own_name: str) -> list[Mx]:
    try:
        found = resolver.mx(domain)
    except Fault as fault:
        if fault.kind is Kind.NOT_FOUND:
            raise NoRoute("5.1.2", f"{domain} does not exist") from None
        raise
    if any(not each.host for each in found):  # RFC 7505 3
        raise NoRoute("5.1.10", f"{domain} takes no mail")
    if not found:
        return [Mx(0, domain)]  # RFC 5321 5.1: the implicit MX
    shuffled = sorted(found, key=lambda each: (each.preference, ids.jitter(1.0)))
    return _before_us(shuffled, own_name, domain)


def _before_us(exchangers: list[Mx], own_name: str, domain: str) -> list[Mx]:
    """RFC 5321 5.1: only those that are closer to the domain than we are."""
    own = next((each.preference for each in exchangers if each.host == own_name.lower()), None)
    if own is None:
        return exchangers
    closer = list(takewhile(lambda each: each.preference < own, exchangers))
    if not closer:
        raise NoRoute("5.4.6", f"mail for {domain} leads back to this server")
    return closer


def _host(name: str, resolver: Resolver) -> Host | None:
    """None: the DNS did not say."""
    try:
        found = resolver.addresses(name)
    except Fault as fault:
        return None if fault.kind is Kind.TRY_LATER else Host(name, ())
    return Host(name, tuple(address for address in found if _is_elsewhere(address)))


def _is_elsewhere(address: str) -> bool:
    """A foreign zone must not lead us to services on our own machine."""
    parsed = ipaddress.ip_address(address)
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return not (parsed.is_loopback or parsed.is_unspecified or parsed.is_multicast or parsed.is_link_local)
