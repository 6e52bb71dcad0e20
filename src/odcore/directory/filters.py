"""The only place that builds search filters (RFC 4515) and names (RFC 4514): always escaped, from `str` only."""

import string
from typing import NewType

from ldap3.core.exceptions import LDAPInvalidDnError
from ldap3.utils.dn import parse_dn

from odcore.directory.address import fold
from odcore.errors import Fault, Kind

Filter = NewType("Filter", str)
"""A filter made here, safe to send."""

_PLAIN = frozenset((string.ascii_letters + string.digits + "._@-").encode())

EVERYTHING = Filter("(objectClass=*)")


def equal(attribute: str, value: str) -> Filter:
    """`attribute` has exactly this value, by the directory's matching rule."""
    return Filter(f"({attribute}={_assertion(value)})")


def contains(attribute: str, value: str) -> Filter:
    """`value` stands somewhere in `attribute`."""
    return Filter(f"({attribute}=*{_assertion(value)}*)")


def at_least(attribute: str, value: str) -> Filter:
    """`attribute` is `value` or greater."""
    return Filter(f"({attribute}>={_assertion(value)})")


def at_most(attribute: str, value: str) -> Filter:
    """`attribute` is `value` or less."""
    return Filter(f"({attribute}<={_assertion(value)})")


def every(*filters: Filter) -> Filter:
    """All hold."""
    return Filter(f"(&{''.join(filters)})")


def some(*filters: Filter) -> Filter:
    """At least one holds."""
    return Filter(f"(|{''.join(filters)})")


def child(attribute: str, value: str, parent: str) -> str:
    """The name of an entry below `parent`."""
    octets = _octets(value)
    if not octets or 0 in octets:
        raise Fault(Kind.BAD_REQUEST, "A name in the directory must not be empty nor hold a NUL.")
    return f"{attribute}={_escape(octets)},{parent}"


def first_rdn(dn: str) -> tuple[str, str]:
    """The attribute (lower case) and the value of a name's first part, unescaped."""
    try:
        attribute, value, _ = parse_dn(dn, strip=True)[0]
    except (LDAPInvalidDnError, IndexError) as error:
        raise Fault(Kind.BAD_REQUEST, "That is not a distinguished name.") from error
    return attribute.lower(), _unescape(value)


def dn_key(dn: str) -> tuple[tuple[str, str], ...]:
    """What two spellings of one name have in common."""
    try:
        parts = parse_dn(dn, strip=True)
    except LDAPInvalidDnError as error:
        raise Fault(Kind.BAD_REQUEST, "That is not a distinguished name.") from error
    return tuple((attribute.lower(), fold(_unescape(value))) for attribute, value, _ in parts)


def _assertion(value: str) -> str:
    return _escape(_octets(value))


def _octets(value: str) -> bytes:
    if not isinstance(value, str):  # a list or mapping from JSON would slip past escaping
        raise TypeError("directory names and filters are made of str only")
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise Fault(Kind.NOT_FOUND, "That is no text.") from None


def _escape(octets: bytes) -> str:
    return "".join(chr(octet) if octet in _PLAIN else f"\\{octet:02x}" for octet in octets)


def _unescape(value: str) -> str:
    """A value out of a name: `\\2c` and `\\,` both mean a comma."""
    out = bytearray()
    index = 0
    while index < len(value):
        if value[index] != "\\":
            out += value[index].encode()
            index += 1
        elif len(pair := value[index + 1 : index + 3]) == 2 and all(letter in string.hexdigits for letter in pair):
            out.append(int(pair, 16))
            index += 3
        else:
            out += value[index + 1 : index + 2].encode()
            index += 2
    return out.decode("utf-8", "replace")
