"""ENVELOPE and BODYSTRUCTURE in seven bits, for clients that did not ask for UTF-8.  RFC 6855 8, RFC 6858

Text becomes encoded words. Of an address the domain becomes its A-label, which means the same; an address whose local
part is not ASCII can be reached by no such client, so it becomes one that nobody has, behind a name that tells it. The
octets of messages are never touched: see docs/adr/0010-octets-are-never-downgraded.md.
"""

import re
from collections.abc import Callable, Iterable, Sequence

import idna

from odmail.imap import writer
from odmail.message import compose, header

Tree = bytes | None | int | list["Tree"]
"""A string, NIL, a number, or a list of these."""

_TOKEN = re.compile(rb'[()]|"((?:[^"\\]|\\.)*)"|\{(\d+)\}\r\n|(\d+)|NIL', re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_ADDRESSES = range(2, 8)
"""Where an ENVELOPE has its lists of addresses."""

NOBODY = b"invalid"
NOWHERE = b"internationalized-address.invalid"  # RFC 6858 2.1


def envelopes(written: Sequence[bytes]) -> Iterable[bytes]:
    """ENVELOPEs' values."""
    return _each(written, _envelope)


def structures(written: Sequence[bytes]) -> Iterable[bytes]:
    """Those of BODYSTRUCTUREs or BODYs."""
    return _each(written, _structure)


def _each(written: Sequence[bytes], downgraded: Callable[[Tree], Tree]) -> Iterable[bytes]:
    if all(map(bytes.isascii, written)):  # nearly always: one look at all of them
        return written
    return (each if each.isascii() else _write(downgraded(_read(each))) for each in written)


def _read(text: bytes) -> Tree:
    """The value is ours, so it is taken to be well formed."""
    top: list[Tree] = []
    lists = [top]
    at = 0
    while (token := _TOKEN.search(text, at)) is not None:
        at = token.end()
        if token[0] == b")":
            lists.pop()
        elif token[0] == b"(":
            inner: list[Tree] = []
            lists[-1].append(inner)
            lists.append(inner)
        elif token[2]:
            size = int(token[2])
            lists[-1].append(text[at : at + size])
            at += size
        elif token[3]:
            lists[-1].append(int(token[3]))
        else:
            lists[-1].append(None if token[1] is None else _ESCAPED.sub(rb"\1", token[1]))
    return top[0]


def _write(tree: Tree) -> bytes:
    if isinstance(tree, list):
        inner = [_write(one) for one in tree]
        lists_only = all(isinstance(one, list) for one in tree)  # parts and addresses stand without a space between
        return b"(" + (b"" if lists_only else b" ").join(inner) + b")"
    return b"%d" % tree if isinstance(tree, int) else writer.nstring(tree)


def _structure(tree: Tree) -> Tree:
    """All texts, but for the envelope of an enclosed message."""
    if not isinstance(tree, list):
        return _text(tree)
    encloses = len(tree) > 8 and tree[0] == b"message" and isinstance(tree[7], list) and len(tree[7]) == 10
    return [_envelope(one) if encloses and at == 7 else _structure(one) for at, one in enumerate(tree)]


def _envelope(tree: Tree) -> Tree:
    if not isinstance(tree, list):
        return tree
    return [
        [_address(address) for address in one] if at in _ADDRESSES and isinstance(one, list) else _text(one)
        for at, one in enumerate(tree)
    ]


def _address(address: Tree) -> Tree:
    """(name route mailbox host); a group's edges have no host."""
    if not isinstance(address, list):
        return address
    name, route, mailbox, host = address
    if isinstance(mailbox, bytes) and isinstance(host, bytes) and not (mailbox + host).isascii():
        reachable = _ascii_domain(host) if mailbox.isascii() else None
        if reachable is None:
            return [_text(name or mailbox + b"@" + host), None, NOBODY, NOWHERE]
        host = reachable
    return [_text(name), None if isinstance(route, bytes) and not route.isascii() else route, _text(mailbox), host]


def _ascii_domain(host: bytes) -> bytes | None:
    try:
        return idna.encode(host.decode("utf-8"), uts46=True)
    except (UnicodeError, idna.IDNAError):
        return None


def _text(text: Tree) -> Tree:
    if not isinstance(text, bytes) or text.isascii():
        return text
    return " ".join(compose.encoded_words(header.decode(text))).encode("ascii")
