"""May this client send for this domain?  RFC 7208

Theory. `check` looks up the domain's record and goes through its mechanisms; the first that matches decides. Some
ask the DNS, and `_Budget` counts what the whole evaluation may ask: 10 terms, 2 answers that hold nothing, 20 seconds.
Whatever is wrong with a record is a permerror, whatever is wrong with the DNS a temperror; both end everything.
"""

import ipaddress
from collections.abc import Callable
from typing import TypeVar

import msgspec

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.net.dns import Deadline, Resolver
from odmail.trust import spf_macro, spf_record
from odmail.trust.spf_record import BadRecord, Mechanism, Record

MOST_TERMS = 10
MOST_VOID = 2
_MOST_NAMES = 10
_SECONDS = 20.0
_INCLUDED = {"pass": True, "fail": False, "softfail": False, "neutral": False}

Found = TypeVar("Found")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Asked(msgspec.Struct, frozen=True):
    """The identity to check. `sender` may be "" (the null path) or a HELO name without "@"."""

    client: str  # network address
    sender: str
    helo: str
    host: str = ""  # our own name, for explanations


class Answer(msgspec.Struct, frozen=True):
    """`result` as RFC 7208 2.6 names it; `reason` tells which term decided, or what was wrong."""

    result: str
    domain: str
    reason: str = ""
    explanation: str = ""  # of the domain's owner, for a fail: printable ASCII


class _End(Exception):
    """A permerror or temperror: it ends the evaluation wherever it is."""

    def __init__(self, result: str, reason: str) -> None:
        super().__init__(reason)
        self.result = result
        self.reason = reason


def check(asked: Asked, resolver: Resolver) -> Answer:
    """Of the MAIL FROM identity, or of HELO when the path is null (RFC 7208 2.4)."""
    sender = asked.sender or f"postmaster@{asked.helo}"
    local, _, domain = sender.rpartition("@")
    domain = domain.lower().removesuffix(".")
    if not _is_domain(domain):
        return Answer("none", domain, "no domain to ask about")
    evaluation = _Evaluation(asked, local or "postmaster", domain, Deadline(resolver, _SECONDS))
    try:
        result, reason = evaluation.check_host(domain)
        explanation = evaluation.explain() if result == "fail" else ""
    except _End as end:
        return Answer(end.result, domain, end.reason)
    return Answer(result, domain, reason, explanation)


class _Evaluation:
    """One check: its macros' values, and what it may still ask."""

    def __init__(self, asked: Asked, local: str, domain: str, resolver: Resolver) -> None:
        ip: Address = ipaddress.ip_address(asked.client)
        self._ip: Address = getattr(ip, "ipv4_mapped", None) or ip
        self._asked = asked
        self._local = local
        self._sender_domain = domain
        self._resolver = resolver
        self._terms = 0
        self._void = 0
        self._explain: tuple[str, str] | None = None  # domain-spec and the domain it stood in

    def check_host(self, domain: str, top: bool = True) -> tuple[str, str]:
        """Result and reason. `top`: not inside an include, so that exp= counts."""
        record = self._record(domain)
        if record is None:
            return "none", f"{domain} has no SPF record"
        for mechanism in record.mechanisms:
            if self._matches(mechanism, domain):
                if top:
                    self._explain = (record.explain, domain) if record.explain else None
                return mechanism.result, f"{domain}: {mechanism.text}"
        if not record.redirect:
            return "neutral", f"{domain}: no mechanism matched"
        self._count_term()
        target = self._expand(record.redirect, domain)
        result, reason = self.check_host(target, top) if _is_domain(target) else ("none", "")
        if result == "none":
            raise _End("permerror", f"{domain}: redirect to {target}, which has no SPF record")
        return result, reason

    def explain(self) -> str:
        """RFC 7208 6.2. Whatever is wrong with it: no explanation."""
        if self._explain is None:
            return ""
        spec, domain = self._explain
        try:
            texts = self._resolver.txt(self._expand(spec, domain))
        except Fault:
            return ""
        if len(texts) != 1 or not texts[0].isascii():
            return ""
        text = texts[0].decode("ascii")
        if not spf_macro.is_valid(text, explain=True):
            return ""
        return spf_macro.expand(text, lambda letter: self._value(letter, domain))

    # -- records

    def _record(self, domain: str) -> Record | None:
        try:
            texts = self._resolver.txt(domain)
        except Fault as fault:
            if fault.kind is Kind.NOT_FOUND:
                return None
            raise _End("temperror", fault.text) from None
        found = [text for text in texts if spf_record.is_spf(text)]
        if not found:
            return None
        if len(found) > 1:
            raise _End("permerror", f"{domain} has {len(found)} SPF records")
        try:
            return spf_record.parse(found[0])
        except BadRecord as bad:
            raise _End("permerror", f"{domain}: {bad}") from None

    # -- mechanisms

    def _matches(self, mechanism: Mechanism, domain: str) -> bool:
        if mechanism.name == "all":
            return True
        if mechanism.network is not None:
            return self._ip.version == mechanism.network.version and self._ip in mechanism.network
        self._count_term()
        target = self._expand(mechanism.domain, domain) if mechanism.domain else domain
        if mechanism.name == "include":
            return self._includes(target)
        if mechanism.name == "exists":
            return bool(self._ask(self._resolver.a, target))
        if mechanism.name == "a":
            return self._is_among(self._addresses(target), mechanism)
        if mechanism.name == "mx":
            return self._is_exchanger(target, mechanism)
        return self._has_name(target)

    def _includes(self, target: str) -> bool:
        result, _ = self.check_host(target, top=False) if _is_domain(target) else ("none", "")
        if result not in _INCLUDED:
            raise _End("permerror", f"include of {target}, which has no SPF record")
        return _INCLUDED[result]

    def _is_exchanger(self, target: str, mechanism: Mechanism) -> bool:
        hosts = [each.host for each in self._ask(self._resolver.mx, target) if each.host]
        if len(hosts) > _MOST_NAMES:
            raise _End("permerror", f"{target} has too many mail exchangers")
        return any(self._is_among(self._addresses(host), mechanism) for host in hosts)

    def _is_among(self, found: tuple[str, ...], mechanism: Mechanism) -> bool:
        bits = mechanism.bits4 if self._ip.version == 4 else mechanism.bits6
        network = ipaddress.ip_network((self._ip, bits), strict=False)
        return any(ipaddress.ip_address(address) in network for address in found)

    def _has_name(self, target: str) -> bool:
        wanted = target.lower()
        return any(name == wanted or name.endswith("." + wanted) for name in self._validated(target))

    def _validated(self, near: str) -> list[str]:
        """The client's names that lead back to it (RFC 7208 5.5); those in or below `near` are looked at first."""
        try:
            names = self._ask(self._resolver.ptr, str(self._ip))
        except _End as end:
            if end.result == "temperror":
                return []
            raise
        validated = []
        for name in sorted(names[:_MOST_NAMES], key=lambda each: not (each == near or each.endswith("." + near))):
            try:
                if str(self._ip) in {str(ipaddress.ip_address(each)) for each in self._addresses(name)}:
                    validated.append(name)
            except _End as end:
                if end.result == "permerror":
                    raise
        return validated

    # -- the DNS, within bounds

    def _addresses(self, host: str) -> tuple[str, ...]:
        return self._ask(self._resolver.a if self._ip.version == 4 else self._resolver.aaaa, host)

    def _ask(self, question: Callable[[str], tuple[Found, ...]], name: str) -> tuple[Found, ...]:
        """What the DNS says; () for nothing, which may not happen often (RFC 7208 4.6.4)."""
        if not name:
            return ()
        try:
            found = question(name)
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise _End("temperror", fault.text) from None
            found = ()
        if not found:
            self._void += 1
            if self._void > MOST_VOID:
                raise _End("permerror", "too many look-ups without result")
        return found

    def _count_term(self) -> None:
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise _End("permerror", "too many look-ups")

    # -- macros

    def _expand(self, spec: str, domain: str) -> str:
        return spf_macro.shortened(spf_macro.expand(spec, lambda letter: self._value(letter, domain)))

    def _value(self, letter: str, domain: str) -> str:
        """RFC 7208 7.2"""
        if letter == "p":
            return self._name_for(domain)
        is_4 = self._ip.version == 4
        return {
            "s": f"{self._local}@{self._sender_domain}",
            "l": self._local,
            "o": self._sender_domain,
            "d": domain,
            "i": str(self._ip) if is_4 else ".".join(self._ip.exploded.replace(":", "").upper()),
            "v": "in-addr" if is_4 else "ip6",
            "h": self._asked.helo,
            "c": str(self._ip),
            "r": self._asked.host or "unknown",
            "t": str(clock.timestamp()),
        }[letter]

    def _name_for(self, domain: str) -> str:
        names = self._validated(domain)
        below = [name for name in names if name == domain or name.endswith("." + domain)]
        return (below or names or ["unknown"])[0]


def _is_domain(domain: str) -> bool:
    """More than one label, each of them a length the DNS can hold (RFC 7208 4.3)."""
    labels = domain.removesuffix(".").split(".")
    return len(labels) > 1 and len(domain) <= 253 and all(0 < len(label) <= 63 for label in labels)
