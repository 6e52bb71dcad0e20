"""Asking the DNS: mail exchangers, addresses, texts, names. Blocks; call it from a thread.  RFC 1035, RFC 7505

Some answers are only worth something when they are validated (RFC 4035): by a resolver that we trust, over a path that
we trust, which says so by the AD bit (RFC 6840 5.7). Nothing is validated here.
"""

from typing import Any, Protocol

import dns.exception
import dns.flags
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
_THIS_MACHINE = frozenset({"127.0.0.1", "::1"})
"""Other loopback addresses belong to forwarders (systemd-resolved, containers) that pass on what anybody says."""
_SILENT = 3
"""Questions in a row without any answer after which the resolver is taken to be away."""
_SHORT_SECONDS = 0.5
"""The patience for one that is away: the first answer brings the usual patience back."""


class Mx(msgspec.Struct, frozen=True):
    """A mail exchanger. A host of "" says that the domain takes no mail (RFC 7505)."""

    preference: int
    host: str


class Tlsa(msgspec.Struct, frozen=True):
    """What a server's certificate must be.  RFC 6698 2.1"""

    usage: int
    selector: int
    matching: int
    data: bytes


class Srv(msgspec.Struct, frozen=True):
    """Where a service is. A target of "" says that there is none.  RFC 2782"""

    port: int
    target: str


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

    def has_secure_mx(self, domain: str) -> bool:
        """Is what `mx` says of it validated?"""

    def secure_name(self, host: str) -> str:
        """The name a host's addresses are kept under, CNAMEs followed; "" unless all said of them is validated."""

    def tlsa(self, name: str) -> tuple[Tlsa, ...]:
        """() for none, or none that are validated."""


class Dns:
    """The system's resolvers, with a cache that keeps to the records' lifetimes. A15: a bad answer is not an answer."""

    def __init__(
        self,
        nameservers: tuple[str, ...] = (),
        port: int = 53,
        seconds: float = _QUERY_SECONDS,
        trusted: bool | None = None,
    ) -> None:
        """`nameservers` () means those of the system, "ADDRESS:PORT" is understood; `seconds`: for one answer;
        `trusted`: is their word on validation believed? None: if all of them are on this machine.
        """
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
        here = {_address(each) for each in self._resolver.nameservers} <= _THIS_MACHINE
        self._trusted = here if trusted is None else trusted
        if self._trusted:
            self._resolver.flags = dns.flags.RD | dns.flags.AD  # RFC 6840 5.7: tell us

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

    def srv(self, name: str) -> tuple[Srv, ...]:
        """As they came."""
        return tuple(Srv(each.port, _text(each.target)) for each in self._ask(name, "SRV"))

    def alias(self, name: str) -> str:
        """What the name is only another name for; "" for one that is itself."""
        return next((_text(each.target) for each in self._ask(name, "CNAME")), "")

    @property
    def trusted(self) -> bool:
        """Is its word on validation believed?"""
        return self._trusted

    def has_secure_mx(self, domain: str) -> bool:
        """By the AD bit."""
        return self._trusted and _is_validated(self._answer(domain, "MX"))

    def secure_name(self, host: str) -> str:
        """Both families must be validated, and that there is none of one of them."""
        if not self._trusted:
            return ""
        answers = [self._answer(host, kind) for kind in ("AAAA", "A")]
        return _text(answers[0].canonical_name) if all(map(_is_validated, answers)) else ""

    def tlsa(self, name: str) -> tuple[Tlsa, ...]:
        """By the AD bit."""
        if not self._trusted:
            return ()
        try:
            answer = self._answer(name, "TLSA")
        except Fault as fault:
            if fault.kind is Kind.NOT_FOUND:
                return ()
            raise
        if answer.rrset is None or not _is_validated(answer):
            return ()
        return tuple(map(_tlsa, answer.rrset))

    def any_tlsa(self, name: str) -> tuple[Tlsa, ...]:
        """Validated or not: nothing to rely on."""
        return tuple(map(_tlsa, self._ask(name, "TLSA")))

    def _ask(self, name: str, kind: str) -> list[Any]:
        answer = self._answer(name, kind)
        return [] if answer.rrset is None else list(answer.rrset)

    def _answer(self, name: str, kind: str) -> dns.resolver.Answer:
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
        return answer


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

    def has_secure_mx(self, domain: str) -> bool:
        """As `Resolver.has_secure_mx`."""
        self._check()
        return self._resolver.has_secure_mx(domain)

    def secure_name(self, host: str) -> str:
        """As `Resolver.secure_name`."""
        self._check()
        return self._resolver.secure_name(host)

    def tlsa(self, name: str) -> tuple[Tlsa, ...]:
        """As `Resolver.tlsa`."""
        self._check()
        return self._resolver.tlsa(name)

    def _check(self) -> None:
        if clock.monotonic() > self._end:
            raise Fault(Kind.TRY_LATER, "The DNS took too long.")


def _nameserver(text: str, port: int) -> dns.nameserver.Nameserver:
    host, colon, digits = text.rpartition(":")
    if colon and digits.isdigit() and (host.startswith("[") or ":" not in host):
        return dns.nameserver.Do53Nameserver(host.strip("[]"), int(digits))
    return dns.nameserver.Do53Nameserver(text.strip("[]"), port)


def _address(nameserver: str | dns.nameserver.Nameserver) -> str:
    return nameserver if isinstance(nameserver, str) else nameserver.answer_nameserver()


def _tlsa(record: Any) -> Tlsa:
    return Tlsa(record.usage, record.selector, record.mtype, record.cert)


def _is_validated(answer: dns.resolver.Answer) -> bool:
    return bool(answer.response.flags & dns.flags.AD)


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower() if name != dns.name.root else ""
