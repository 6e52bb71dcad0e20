"""Responses as octets.  RFC 4511 4, RFC 2696 2"""

from oddav.ldap.ber import ENUMERATED, INTEGER, OCTETS, SEQUENCE, SET, element, number
from oddav.ldap.types import Code, Entry, Result

SEARCH_ENTRY, SEARCH_DONE = 0x64, 0x65
EXTENDED = 0x78

PAGES = "1.2.840.113556.1.4.319"
"""The control of results in pages."""

_DISCONNECTION = b"1.3.6.1.4.1.1466.20036"
_CONTROLS, _NAME, _VALUE = 0xA0, 0x8A, 0x8B


def response(id_: int, tag: int, result: Result, *more: bytes, controls: bytes = b"") -> bytes:
    """How an operation ended."""
    end = element(tag, *_result(result), *more)
    return element(SEQUENCE, number(id_), end, controls)


def entry(id_: int, found: Entry, names_only: bool) -> bytes:
    """One entry of a search."""
    attributes = (
        element(
            SEQUENCE,
            element(OCTETS, description.encode()),
            element(SET, *(() if names_only else (element(OCTETS, value) for value in values))),
        )
        for description, values in found.attributes.items()
    )
    told = element(SEARCH_ENTRY, element(OCTETS, found.name.encode()), element(SEQUENCE, *attributes))
    return element(SEQUENCE, number(id_), told)


def page(cookie: bytes) -> bytes:
    """Where a client is in its pages; b"" at the end. How many there are is not told."""
    value = element(SEQUENCE, number(0, INTEGER), element(OCTETS, cookie))
    control = element(SEQUENCE, element(OCTETS, PAGES.encode()), element(OCTETS, value))
    return element(_CONTROLS, control)


def extended(id_: int, value: bytes) -> bytes:
    """The end of an extended operation that answers something."""
    return response(id_, EXTENDED, Result(), element(_VALUE, value))


def disconnection(code: Code, text: str) -> bytes:
    """The last that a client hears.  RFC 4511 4.4.1"""
    return response(0, EXTENDED, Result(code, text), element(_NAME, _DISCONNECTION))


def _result(result: Result) -> tuple[bytes, bytes, bytes]:
    return (
        number(result.code, ENUMERATED),
        element(OCTETS, result.matched.encode()),
        element(OCTETS, result.text.encode()),
    )
