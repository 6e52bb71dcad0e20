"""Which hosts take mail for a domain, and how it may travel there.  RFC 5321 5.1, RFC 7505, RFC 7672, RFC 8461

A host whose TLSA records the DNS vouches for is spoken to as they say; any other as the domain's MTA-STS policy says. A
host that the policy does not name, or of which it is not known whether it has TLSA records, is not spoken to at all.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from itertools import takewhile

import structlog
from msgspec.structs import replace

from odcore import ids
from odcore.errors import Fault, Kind
from odcore.net.dane import usable
from odcore.net.dns import Deadline, Mx, Resolver
from odmail.delivery.ports import Host, Security
from odmail.message import header
from odmail.transport.sts import Mode, Policy

log = structlog.get_logger()

MOST_HOSTS = 8
MOST_ADDRESSES = 3
"""Of a host, of each family: a zone full of addresses where nobody is would keep a conversation for hours."""

_PATIENCE = 30.0
"""Seconds for all look-ups of one domain (P16)."""


class NoRoute(Exception):
    """The domain takes no mail, for a reason that another attempt will not change."""

    def __init__(self, enhanced: str, text: str) -> None:
        super().__init__(text)
        self.enhanced = enhanced
        self.text = text


def hosts_of(domain: str, resolver: Resolver, own_name: str, policy: Policy | None = None) -> tuple[Host, ...]:
    """In the order to try them. Faults TRY_LATER when the DNS is silent or no host may be trusted with the mail;
    NoRoute when nothing can be reached.
    """
    if domain.startswith("["):
        raise NoRoute("5.1.2", "mail to address literals is not carried")
    asking = Deadline(resolver, _PATIENCE)
    exchangers = _exchangers(domain, asking, own_name)[:MOST_HOSTS]
    secure = asking.has_secure_mx(domain)
    hosts = [_host(each.host, asking, domain if secure else "") for each in exchangers]
    reachable = tuple(host for host in hosts if host is not None and host.addresses)
    if reachable:
        return reachable if policy is None else _obeying(policy, reachable, domain)
    if None in hosts:
        raise Fault(Kind.TRY_LATER, f"The DNS gave no address of a mail server for {domain}.")
    raise NoRoute("5.4.4", f"no mail server of {domain} has an address")


def proven(hosts: Iterable[Host]) -> tuple[Host, ...]:
    """None of them without TLS and a certificate that is checked.  RFC 8689 4.2.1"""
    return tuple(
        host if host.security is Security.DANE else replace(host, security=Security.REQUIRED) for host in hosts
    )


def unproven(hosts: Iterable[Host]) -> tuple[Host, ...]:
    """TLS where it is offered, whoever they are: what their domain asks does not count.  RFC 8689 3"""
    return tuple(replace(host, security=Security.OPPORTUNISTIC, tlsa=(), names=()) for host in hosts)


def waives_tls(block: bytes) -> bool:
    """Does the sender want the message to arrive rather than to be kept from other eyes? `TLS-Required: No`"""
    return any(name == b"tls-required" and value.strip().lower() == b"no" for name, value in header.fields(block))


def is_elsewhere(address: str) -> bool:
    """A foreign zone must not lead us to services on our own machine."""
    parsed = ipaddress.ip_address(address)
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return not (parsed.is_loopback or parsed.is_unspecified or parsed.is_multicast or parsed.is_link_local)


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


def _host(name: str, resolver: Resolver, domain: str) -> Host | None:
    """`domain`: the one that leads here by a secure MX, "" for none. None: the DNS did not say."""
    try:
        found = resolver.addresses(name)
        host = Host(name, _few([address for address in found if is_elsewhere(address)]))
        return _by_dane(host, resolver, domain) if domain and host.addresses else host
    except Fault as fault:
        return None if fault.kind is Kind.TRY_LATER else Host(name, ())


def _few(addresses: Sequence[str]) -> tuple[str, ...]:
    sixes, fours = ([each for each in addresses if (":" in each) is six] for six in (True, False))
    return (*sixes[:MOST_ADDRESSES], *fours[:MOST_ADDRESSES])


def _by_dane(host: Host, resolver: Resolver, domain: str) -> Host:
    """RFC 7672 2.2: TLSA records are asked for only where the addresses are secure: others often do not answer."""
    base = resolver.secure_name(host.name)
    if not base:
        return host
    for name in dict.fromkeys((base, host.name)):  # RFC 7672 2.2.2: behind a CNAME, the name it leads to comes first
        if records := resolver.tlsa(f"_{host.port}._tcp.{name}"):
            if known := usable(records):
                return replace(host, name=name, security=Security.DANE, tlsa=known, names=(name, host.name, domain))
            return replace(host, security=Security.ENCRYPTED)
    return host


def _obeying(policy: Policy, hosts: tuple[Host, ...], domain: str) -> tuple[Host, ...]:
    """RFC 8461 5: what DANE secures stays as it is."""
    strange = [host.name for host in hosts if host.security is not Security.DANE and not policy.allows(host.name)]
    if strange:
        log.warning("sts-policy-names-other-hosts", domain=domain, hosts=strange, mode=policy.mode)
    if policy.mode is not Mode.ENFORCE:
        return hosts
    obeying = proven(host for host in hosts if host.name not in strange)
    if not obeying:
        raise Fault(Kind.TRY_LATER, f"The MTA-STS policy of {domain} names none of its mail servers.")
    return obeying
