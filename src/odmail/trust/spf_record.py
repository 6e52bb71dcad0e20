"""An SPF record as its terms: all of it is read, or none.  RFC 7208 4.6, 5, 6, 12"""

import ipaddress
import re

import msgspec

from odmail.trust import spf_macro

_VERSION = re.compile(rb"v=spf1(?: |\Z)", re.IGNORECASE)
_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)\Z", re.DOTALL)
_MECHANISM = re.compile(r"([-+?~]?)([A-Za-z][A-Za-z0-9_.-]*)(?:([:/])(.*))?\Z", re.DOTALL)
_LENGTHS = re.compile(r"(?:/(0|[1-9][0-9]?))?(?://(0|[1-9][0-9]{0,2}))?\Z")
_AT_END = re.compile(r"(?:/[0-9]+)?(?://[0-9]+)?\Z")
_RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BadRecord(Exception):
    """A syntax error anywhere makes the whole record a permerror (RFC 7208 4.6)."""


class Mechanism(msgspec.Struct, frozen=True):
    """`domain` is a domain-spec, macros not yet expanded, "" when left away."""

    result: str  # if it matches
    name: str
    domain: str = ""
    network: Network | None = None  # of ip4 and ip6
    bits4: int = 32
    bits6: int = 128
    text: str = ""  # as written


class Record(msgspec.Struct, frozen=True):
    """`redirect` and `explain` are domain-specs, "" for none."""

    mechanisms: tuple[Mechanism, ...]
    redirect: str = ""
    explain: str = ""


def is_spf(text: bytes) -> bool:
    """Is this TXT record meant to be one? (RFC 7208 4.5)"""
    return _VERSION.match(text) is not None


def parse(text: bytes) -> Record:
    """Raises BadRecord."""
    if not text.isascii():
        raise BadRecord("it is not ASCII")
    mechanisms: list[Mechanism] = []
    modifiers = {"redirect": "", "exp": ""}
    for term in filter(None, text.decode("ascii").split(" ")[1:]):
        modifier = _MODIFIER.match(term)
        if modifier is None:
            mechanisms.append(_mechanism(term))
            continue
        name, value = modifier[1].lower(), modifier[2]
        if name not in modifiers:
            if not spf_macro.is_valid(value):
                raise BadRecord(f"{term}: not a macro string")
        elif modifiers[name] or not spf_macro.is_domain_spec(value):
            raise BadRecord(f"{term}: twice, or not a domain")
        else:
            modifiers[name] = value
    return Record(tuple(mechanisms), modifiers["redirect"], modifiers["exp"])


def _mechanism(term: str) -> Mechanism:
    match = _MECHANISM.match(term)
    if match is None:
        raise BadRecord(f"{term}: neither mechanism nor modifier")
    result, name = _RESULTS[match[1] or "+"], match[2].lower()
    argument = "" if match[3] is None else match[3] + match[4]
    if name == "all" and not argument:
        return Mechanism(result, name, text=term)
    if name in ("ip4", "ip6") and argument.startswith(":"):
        return Mechanism(result, name, network=_network(name, argument[1:], term), text=term)
    if name in ("include", "exists") and argument.startswith(":"):
        return Mechanism(result, name, _domain(argument[1:], term), text=term)
    if name == "ptr" and argument[:1] in ("", ":"):
        return Mechanism(result, name, _domain(argument[1:], term) if argument else "", text=term)
    if name in ("a", "mx"):
        return _with_lengths(result, name, argument, term)
    raise BadRecord(f"{term}: no such mechanism")


def _with_lengths(result: str, name: str, argument: str, term: str) -> Mechanism:
    """`a`, `mx`: [":" domain-spec] ["/" bits] ["//" bits]."""
    domain, lengths = "", argument
    if argument.startswith(":"):
        lengths = _AT_END.search(argument)[0]  # type: ignore[index]  # it matches nothing, too
        domain = _domain(argument[1 : len(argument) - len(lengths)], term)
    match = _LENGTHS.match(lengths)
    if match is None:
        raise BadRecord(f"{term}: bad prefix length")
    bits4, bits6 = int(match[1] or 32), int(match[2] or 128)
    if bits4 > 32 or bits6 > 128:
        raise BadRecord(f"{term}: bad prefix length")
    return Mechanism(result, name, domain, None, bits4, bits6, term)


def _domain(text: str, term: str) -> str:
    if not spf_macro.is_domain_spec(text):
        raise BadRecord(f"{term}: not a domain")
    return text


def _network(name: str, text: str, term: str) -> Network:
    address, slash, bits = text.partition("/")
    if slash and not re.fullmatch(r"0|[1-9][0-9]{0,2}", bits):
        raise BadRecord(f"{term}: bad prefix length")
    try:
        if name == "ip4":
            return ipaddress.IPv4Network((ipaddress.IPv4Address(address), int(bits or 32)), strict=False)
        if "%" in address:
            raise BadRecord(f"{term}: not an address")
        return ipaddress.IPv6Network((ipaddress.IPv6Address(address), int(bits or 128)), strict=False)
    except ValueError:
        raise BadRecord(f"{term}: not a network") from None
