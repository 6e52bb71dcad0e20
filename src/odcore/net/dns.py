"""Asking the DNS: mail exchangers, addresses, texts, names. Blocks; call it from a thread.  RFC 1035, RFC 7505"""

from typing import Any, Protocol

import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver
import dns.reversename
import msgspec

from odcore import clock
from odcore.errors import Fault, Kind

_QUERY_SECONDS = 5.0
_CACHE_SIZE = 10_000
_NO_NAME = (
    dns.name.LabelTooLong,
    dns.name.NameTooLong,
    dns.name.EmptyLabel,
    dns.name.BadEscape,
    dns.name.IDNAException,
)
_SILENT = 3
"""Questions in a row without any answer after which the resolver is taken to be away."""
_SHORT_SECONDS = 0.5
"""The patience for one that is away: the first answer brings the usual patience back."""


class Mx(msgspec.Struct, frozen=True):
    """A mail exchanger. A host of "" says that the domain takes no mail (RFC 7505)."""

    preference: int
    host: str


class Resolver(Protocol):
    """Answers, or why there are none: Fault NOT_FOUND for a name that does not exist, TRY_LATER for no answer."""

    def mx(self, domain: str) -> tuple[Mx, ...]:
        """() when the domain exists but names no exchanger."""

    def addresses(self, host: str) -> tuple[str, ...]:
        """IPv6 before IPv4; () when the host exists but has no address."""

    def a(self, host: str) -> tuple[str, ...]:
        """IPv4 addresses only; () when the host exists but has none."""

    def aaaa(self, host: str) -> tuple[str, ...]:
        """IPv6 addresses only."""

    def ptr(self, address: str) -> tuple[str, ...]:
        """The names an IP address says it has."""

    def txt(self, name: str) -> tuple[bytes, ...]:
        """Each text with its pieces joined; () for none."""


class Dns:
    """The system's resolvers, with a cache that keeps to the records' lifetimes. A15: a bad answer is not an answer."""

    def __init__(self, nameservers: tuple[str, ...] = (), port: int = 53, seconds: float = _QUERY_SECONDS) -> None:
        """`nameservers` () means those of the system, "ADDRESS:PORT" is understood; `seconds`: for one answer."""
        self._seconds = seconds
        self._unanswered = 0
        try:
            self._resolver = dns.resolver.Resolver(configure=not nameservers)
        except dns.resolver.NoResolverConfiguration:  # as a C library would
            nameservers = ("127.0.0.1",)
            self._resolver = dns.resolver.Resolver(configure=False)
        if nameservers:
            self._resolver.nameservers = [_nameserver(each, port) for each in nameservers]
        self._resolver.cache = dns.resolver.LRUCache(_CACHE_SIZE)

    def mx(self, domain: str) -> tuple[Mx, ...]:
        """By preference, best first."""
        found = [Mx(each.preference, _text(each.exchange)) for each in self._ask(domain, "MX")]
        return tuple(sorted(found, key=lambda each: each.preference))

    def addresses(self, host: str) -> tuple[str, ...]:
        """One family that cannot be had does not hide the other."""
        found: list[str] = []
        fault: Fault | None = None
        for kind in ("AAAA", "A"):
            try:
                found += [each.address for each in self._ask(host, kind)]
            except Fault as error:
                fault = error
        if fault is not None and not found:
            raise fault
        return tuple(found)

    def a(self, host: str) -> tuple[str, ...]:
        """As they came."""
        return tuple(each.address for each in self._ask(host, "A"))

    def aaaa(self, host: str) -> tuple[str, ...]:
        """As they came."""
        return tuple(each.address for each in self._ask(host, "AAAA"))

    def ptr(self, address: str) -> tuple[str, ...]:
        """In lower case, without the root's dot."""
        return tuple(_text(each.target) for each in self._ask(dns.reversename.from_address(address).to_text(), "PTR"))

    def txt(self, name: str) -> tuple[bytes, ...]:
        """For keys and policies."""
        return tuple(b"".join(each.strings) for each in self._ask(name, "TXT"))

    def _ask(self, name: str, kind: str) -> list[Any]:
        patience = self._seconds if self._unanswered < _SILENT else min(_SHORT_SECONDS, self._seconds)
        try:
            answer = self._resolver.resolve(
                dns.name.from_text(name), kind, raise_on_no_answer=False, search=False, lifetime=patience
            )
        except dns.resolver.NXDOMAIN:
            self._unanswered = 0
            raise Fault(Kind.NOT_FOUND, f"{name} does not exist in the DNS.") from None
        except _NO_NAME:
            raise Fault(Kind.NOT_FOUND, f"{name} is no domain name.") from None
        except (dns.exception.DNSException, OSError) as error:
            self._unanswered = self._unanswered + 1 if isinstance(error, dns.exception.Timeout) else 0
            raise Fault(Kind.TRY_LATER, f"The DNS gave no answer about {name}.") from None
        self._unanswered = 0
        return [] if answer.rrset is None else list(answer.rrset)


class Deadline:
    """A resolver that stops asking after a while.  P16"""

    def __init__(self, resolver: Resolver, seconds: float) -> None:
        self._resolver = resolver
        self._end = clock.monotonic() + seconds

    def mx(self, domain: str) -> tuple[Mx, ...]:
        """As `Resolver.mx`."""
        self._check()
        return self._resolver.mx(domain)

    def addresses(self, host: str) -> tuple[str, ...]:
        """As `Resolver.addresses`."""
        self._check()
        return self._resolver.addresses(host)

    def a(self, host: str) -> tuple[str, ...]:
        """As `Resolver.a`."""
        self._check()
        return self._resolver.a(host)

    def aaaa(self, host: str) -> tuple[str, ...]:
        """As `Resolver.aaaa`."""
        self._check()
        return self._resolver.aaaa(host)

    def ptr(self, address: str) -> tuple[str, ...]:
        """As `Resolver.ptr`."""
        self._check()
        return self._resolver.ptr(address)

    def txt(self, name: str) -> tuple[bytes, ...]:
        """As `Resolver.txt`."""
        self._check()
        return self._resolver.txt(name)

    def _check(self) -> None:
        if clock.monotonic() > self._end:
            raise Fault(Kind.TRY_LATER, "The DNS took too long.")


def _nameserver(text: str, port: int) -> dns.nameserver.Nameserver:
    host, colon, digits = text.rpartition(":")
    if colon and digits.isdigit() and (host.startswith("[") or ":" not in host):
        return dns.nameserver.Do53Nameserver(host.strip("[]"), int(digits))
    return dns.nameserver.Do53Nameserver(text.strip("[]"), port)


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower() if name != dns.name.root else ""
