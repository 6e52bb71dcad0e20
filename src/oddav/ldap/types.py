"""Values every part of the LDAP engine speaks in.  RFC 4511 4"""

import enum

import msgspec


class Code(enum.IntEnum):
    """Result codes.  RFC 4511 A"""

    SUCCESS = 0
    OPERATIONS_ERROR = 1
    PROTOCOL_ERROR = 2
    SIZE_LIMIT_EXCEEDED = 4
    COMPARE_FALSE = 5
    COMPARE_TRUE = 6
    AUTH_METHOD_NOT_SUPPORTED = 7
    STRONGER_AUTH_REQUIRED = 8
    ADMIN_LIMIT_EXCEEDED = 11
    UNAVAILABLE_CRITICAL_EXTENSION = 12
    NO_SUCH_ATTRIBUTE = 16
    NO_SUCH_OBJECT = 32
    INVALID_DN_SYNTAX = 34
    INVALID_CREDENTIALS = 49
    INSUFFICIENT_ACCESS_RIGHTS = 50
    BUSY = 51
    UNAVAILABLE = 52
    UNWILLING_TO_PERFORM = 53
    OTHER = 80


class Result(msgspec.Struct, frozen=True):
    """How an operation ended."""

    code: Code = Code.SUCCESS
    text: str = ""
    matched: str = ""  # the part of a name that is there


class Refused(Exception):
    """An operation ends like this."""

    def __init__(self, code: Code, text: str, matched: str = "") -> None:
        super().__init__(text)
        self.result = Result(code, text, matched)


class Scope(enum.IntEnum):
    """How far below the base a search goes."""

    BASE = 0
    ONE_LEVEL = 1
    SUBTREE = 2


class All(msgspec.Struct, frozen=True):
    """Each part; with none of them always true.  RFC 4526"""

    parts: tuple["Filter", ...]


class Any(msgspec.Struct, frozen=True):
    """At least one part; with none of them never true.  RFC 4526"""

    parts: tuple["Filter", ...]


class Not(msgspec.Struct, frozen=True):
    """The opposite."""

    part: "Filter"


class Equal(msgspec.Struct, frozen=True):
    """An attribute has this value. What is asked for approximately is asked for as it is.  RFC 4511 4.5.1.7.6"""

    attribute: str
    value: str


class Parts(msgspec.Struct, frozen=True):
    """An attribute has a value with these in it, in this order; the first and the last may be "" for anything."""

    attribute: str
    initial: str
    middle: tuple[str, ...]
    final: str


class Present(msgspec.Struct, frozen=True):
    """There is a value."""

    attribute: str


class Undefined(msgspec.Struct, frozen=True):
    """Something that nobody here can tell: an order, a rule of matching, octets that are no text."""


Filter = All | Any | Not | Equal | Parts | Present | Undefined


class Control(msgspec.Struct, frozen=True):
    """A client's wish beside its request."""

    name: str
    critical: bool = False
    value: bytes = b""


class Search(msgspec.Struct, frozen=True):
    """A search request. `size` is the most that the client wants, 0: all."""

    base: str
    scope: Scope
    size: int
    names_only: bool
    filter: Filter
    attributes: tuple[str, ...]


class Entry(msgspec.Struct, frozen=True):
    """An entry as it is told, by the descriptions of its attributes."""

    name: str
    attributes: dict[str, tuple[bytes, ...]]
