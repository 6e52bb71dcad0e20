"""Requests out of their octets, within bounds.  RFC 4511 4, RFC 2696 2"""

import msgspec

from oddav.ldap.ber import ENUMERATED, OCTETS, SEQUENCE, Broken, Reader
from oddav.ldap.types import (
    All,
    Any,
    Code,
    Control,
    Equal,
    Filter,
    Not,
    Parts,
    Present,
    Refused,
    Scope,
    Search,
    Undefined,
)

DEEPEST = 16
"""How deep the parts of a filter may lie in each other."""

MOST_PARTS = 100
"""Of one filter: each is held against each candidate."""

MOST_ATTRIBUTES = 200
MOST_CONTROLS = 10
MOST_ID = 2**31 - 1

_CONTROLS = 0xA0
_AND, _OR, _NOT, _EQUAL, _SUBSTRINGS, _PRESENT, _APPROX = 0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0x87, 0xA8
_ORDERED = (0xA5, 0xA6)
_EXTENSIBLE = 0xA9
_INITIAL, _ANY, _FINAL = 0x80, 0x81, 0x82
_SIMPLE = 0x80


class Message(msgspec.Struct, frozen=True):
    """A request that was not read yet."""

    id: int
    tag: int
    body: Reader
    controls: tuple[Control, ...] = ()


class Bind(msgspec.Struct, frozen=True):
    """`password` is None where it is a mechanism that the client wants."""

    version: int
    name: str
    password: bytes | None

    def __repr__(self) -> str:
        return "Bind()"


def message(octets: bytes) -> Message:
    """The envelope. Raises Broken."""
    reader = Reader(octets)
    id_ = reader.integer()
    if not 0 < id_ <= MOST_ID:
        raise Broken("a message needs a number")
    tag = reader.tag
    if tag is None:
        raise Broken("an empty message")
    # The request without content, UNBIND, and those that are a name alone, have no elements inside.
    body = reader.inside(tag)
    controls = _controls(reader.inside(_CONTROLS)) if reader.tag == _CONTROLS else ()
    return Message(id_, tag, body, controls)


def bind(body: Reader) -> Bind:
    """RFC 4511 4.2"""
    version, name = body.integer(), body.text()
    return Bind(version, name, body.octets(_SIMPLE) if body.tag == _SIMPLE else None)


def search(body: Reader) -> Search:
    """RFC 4511 4.5.1. Raises Refused for what is too much."""
    base, scope, _aliases = body.text(), body.integer(ENUMERATED), body.integer(ENUMERATED)
    size, _seconds, names_only = body.integer(), body.integer(), body.boolean()
    if scope not in tuple(Scope):
        raise Broken("a scope that there is not")
    found = _Filters().read(body, 0)
    wanted = body.inside(SEQUENCE)
    attributes: list[str] = []
    while wanted.tag is not None:
        attributes.append(wanted.text())
        if len(attributes) > MOST_ATTRIBUTES:
            raise Refused(Code.ADMIN_LIMIT_EXCEEDED, "Too many attributes are asked for.")
    body.end()
    return Search(base, Scope(scope), max(size, 0), names_only, found, tuple(attributes))


def compare(body: Reader) -> tuple[str, str, str]:
    """The entry, the attribute and the value.  RFC 4511 4.10"""
    name, assertion = body.text(), body.inside(SEQUENCE)
    return name, assertion.text(), assertion.text()


def extended(body: Reader) -> str:
    """Which operation.  RFC 4511 4.12"""
    return body.text(0x80)


def page(value: bytes) -> tuple[int, bytes]:
    """How many entries a client wants at once, and where it is.  RFC 2696 2"""
    reader = Reader(value).inside(SEQUENCE)
    return max(reader.integer(), 0), reader.octets()


def _controls(reader: Reader) -> tuple[Control, ...]:
    found: list[Control] = []
    while reader.tag is not None:
        one = reader.inside(SEQUENCE)
        name = one.text()
        critical = one.boolean() if one.tag not in (None, OCTETS) else False
        found.append(Control(name, critical, one.octets() if one.tag is not None else b""))
        if len(found) > MOST_CONTROLS:
            raise Broken("too many controls")
    return tuple(found)


class _Filters:
    """One filter, and how many parts it has so far."""

    def __init__(self) -> None:
        self._count = 0

    def read(self, reader: Reader, depth: int) -> Filter:
        self._count += 1
        if depth > DEEPEST or self._count > MOST_PARTS:
            raise Refused(Code.ADMIN_LIMIT_EXCEEDED, "The filter is too long.")
        tag = reader.tag
        if tag in (_AND, _OR):
            parts = self._parts(reader.inside(tag), depth)
            return All(parts) if tag == _AND else Any(parts)
        if tag == _NOT:
            return Not(self.read(reader.inside(tag), depth + 1))
        return _leaf(reader)

    def _parts(self, reader: Reader, depth: int) -> tuple[Filter, ...]:
        found: list[Filter] = []
        while reader.tag is not None:
            found.append(self.read(reader, depth + 1))
        return tuple(found)


def _leaf(reader: Reader) -> Filter:
    tag = reader.tag
    if tag == _PRESENT:
        return Present(reader.text(_PRESENT))
    if tag == _SUBSTRINGS:
        return _substrings(reader.inside(_SUBSTRINGS))
    if tag in (_EQUAL, _APPROX):
        assertion = reader.inside(tag)
        attribute, value = assertion.text(), _value(assertion.octets())
        return Undefined() if value is None else Equal(attribute, value)
    if tag in (*_ORDERED, _EXTENSIBLE):
        reader.inside(tag)
        return Undefined()
    raise Broken("a filter that there is not")


def _substrings(reader: Reader) -> Filter:
    attribute, parts = reader.text(), reader.inside(SEQUENCE)
    initial, middle, final = "", [], ""
    while (tag := parts.tag) is not None:
        if tag not in (_INITIAL, _ANY, _FINAL):
            raise Broken("a part that there is not")
        value = _value(parts.octets(tag))
        if value is None:
            return Undefined()
        if tag == _INITIAL:
            initial = value
        elif tag == _ANY:
            middle.append(value)
        else:
            final = value
        if len(middle) > MOST_PARTS:
            raise Refused(Code.ADMIN_LIMIT_EXCEEDED, "The filter is too long.")
    return Parts(attribute, initial, tuple(middle), final)


def _value(octets: bytes) -> str | None:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return None
