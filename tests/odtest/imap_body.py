"""A strict reader of ENVELOPE and BODYSTRUCTURE, written from the grammar.  RFC 9051 9"""

import re
from itertools import takewhile

from odmail.imap.structure import without_extensions
from odmail.message.model import Parsed

_TOKEN = re.compile(rb' ?(?:([()])|"((?:[^"\\\r\n\0\x80-\xff]|\\["\\])*)"|\{(\d+)\}\r\n|(NIL|\d+))')


def read_wire(wire: bytes) -> list:
    """A strict reader of IMAP lists: numbers, strings as bytes, None for NIL; anything else fails."""
    top: list = []
    stack, at = [top], 0
    while at < len(wire):
        token = _TOKEN.match(wire, at)
        assert token, wire[at : at + 40]
        at = token.end()
        if token[1] == b"(":
            stack[-1].append([])
            stack.append(stack[-1][-1])
        elif token[1] == b")":
            stack.pop()
        elif token[2] is not None:
            stack[-1].append(token[2])
        elif token[3] is not None:
            octets = wire[at : at + int(token[3])]
            assert len(octets) == int(token[3])
            assert b"\0" not in octets
            stack[-1].append(octets)
            at += int(token[3])
        else:
            stack[-1].append(None if token[4] == b"NIL" else int(token[4]))
    assert len(stack) == len(top) == 1
    return top[0]


def is_nstring(value) -> bool:
    return value is None or isinstance(value, bytes)


def check_parameters(value) -> None:
    assert value is None or (value and len(value) % 2 == 0 and all(isinstance(item, bytes) for item in value))


def check_envelope(value: list) -> None:
    assert len(value) == 10
    assert all(is_nstring(value[place]) for place in (0, 1, 8, 9))
    for addresses in value[2:8]:
        for one in addresses or []:
            assert len(one) == 4
            assert all(map(is_nstring, one))
        assert addresses is None or addresses


def check_extension(value: list) -> None:
    disposition, language, location = value
    if disposition is not None:
        kind, listed = disposition
        assert isinstance(kind, bytes)
        check_parameters(listed)
    assert language is None or (language and all(isinstance(tag, bytes) for tag in language))
    assert is_nstring(location)


def check_body(value: list) -> None:
    """RFC 9051 9: body"""
    if isinstance(value[0], list):
        children = list(takewhile(lambda item: isinstance(item, list), value))
        for child in children:
            check_body(child)
        subtype, listed, *rest = value[len(children) :]
        assert isinstance(subtype, bytes)
        check_parameters(listed)
        check_extension(rest)
        return
    kind, subtype, listed, identity, description, encoding, size, *rest = value
    assert isinstance(kind, bytes)
    assert isinstance(subtype, bytes)
    check_parameters(listed)
    assert is_nstring(identity)
    assert is_nstring(description)
    assert isinstance(encoding, bytes)
    assert isinstance(size, int)
    if kind == b"text":
        assert isinstance(rest.pop(0), int)
    elif kind == b"message" and subtype in (b"rfc822", b"global"):
        check_envelope(rest.pop(0))
        check_body(rest.pop(0))
        assert isinstance(rest.pop(0), int)
    assert is_nstring(rest.pop(0))
    check_extension(rest)


def check(parsed: Parsed) -> None:
    """Fails where a strict client would."""
    check_envelope(read_wire(parsed.envelope))
    check_body(read_wire(parsed.structure))
    read_wire(without_extensions(parsed.structure))
