"""Address lists, from tidy to hopeless.  RFC 5322 3.4, 4.4, RFC 6532

A list is flat, the way ENVELOPE wants it (RFC 9051 7.5.2): a group begins with an Address whose host is None and whose
mailbox is the group's name, and ends with one whose mailbox is None as well.

The usual forms are matched whole by one expression; whatever it refuses is read token by token until the next comma.
Every octet is looked at a bounded number of times, so a field of any size and any kind takes linear time.
"""

import re
from collections.abc import Iterable

import msgspec

from odmail.message import header

MOST = 10_000
"""Addresses of one field that are looked at."""

_ATOM = rb"[^\x00-\x20\"()<>\[\]:;@\\,\x7f]++"
_USUAL = re.compile(
    rb"[ \t]*+(?:"
    rb"(?:\"([^\"\\]*+)\"[ \t]*+|([^\x00-\x08\x0a-\x1f\"()<>\[\]:;@\\,\x7f]*+))<(" + _ATOM + rb")@(" + _ATOM + rb")>"
    rb"|(" + _ATOM + rb")@(" + _ATOM + rb"))[ \t]*+(?:,|\Z)"
)
_TOKEN = re.compile(
    rb"(?P<space>[ \t\r\n]++)"
    rb"|\"(?P<quoted>(?:[^\"\\]|\\.)*+)(?:\"|\\?\Z)"
    rb"|(?P<literal>\[[^\[\]]*+\])"
    rb"|(?P<open>\()"
    rb"|(?P<special>[<>,:;@])"
    rb"|(?P<word>=\?[^?\s<>@\"]++\?[bBqQ]\?[^?\s<>@\"]*+\?=)"  # RFC 2047 5 forbids a bare comma in it; it occurs
    rb"|(?P<atom>[^ \t\r\n\"\[(<>,:;@)\\\]]++)"
    rb"|(?P<stray>.)",
    re.DOTALL,
)
_SPECIAL = re.compile(rb"[,;:()\[\]\\]")
_COMMENT_EDGE = re.compile(rb"[()]|\\.", re.DOTALL)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)


class Address(msgspec.Struct, frozen=True, gc=False):
    """One mailbox, or the beginning or end of a group. Octets as written, quoting removed, encoded words left."""

    name: bytes  # display name, b"" when none
    mailbox: bytes | None
    host: bytes | None
    route: bytes = b""  # obsolete source route

    @property
    def spec(self) -> str:
        """`mailbox@host` as text; "" for a group's edges and for addresses without a host."""
        if not self.mailbox or not self.host:
            return ""
        return f"{self.mailbox.decode('utf-8', 'replace')}@{self.host.decode('utf-8', 'replace')}"

    @property
    def display(self) -> str:
        """The decoded display name, "" when none."""
        return header.decode(self.name) if self.name else ""


GROUP_END = Address(b"", None, None)


def parse(value: bytes) -> list[Address]:
    """All addresses of an unfolded field body, at most MOST."""
    return _Reader(value).read()


def parse_strict(value: bytes) -> list[Address] | None:
    """The same for a field that decides who may send: None when any of it is open to two readings."""
    reader = _Reader(value)
    found = reader.read()
    if reader.doubtful or b"\0" in value or not all(_is_plain(address) for address in found):
        return None
    return found


def mailboxes(addresses: Iterable[Address]) -> list[Address]:
    """Without the edges of groups."""
    return [address for address in addresses if address.host is not None]


def _is_plain(address: Address) -> bool:
    if address.host is None:
        return True
    if not address.mailbox or not address.host:
        return False
    spec = address.mailbox + b"@" + address.host
    # RFC 2047 5: an encoded word is never part of an address; nor is white space, a control or a second "@"
    return b"=?" not in spec and spec.count(b"@") == 1 and _is_utf8(spec) and min(spec) > 32 and 127 not in spec


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True


class _Reader:
    """Reads one field. `doubtful` tells that something did not follow the grammar."""

    __slots__ = ("_comment", "_run", "at", "doubtful", "found", "grouped", "value")

    def __init__(self, value: bytes) -> None:
        self.value = value
        self.at = 0
        self.found: list[Address] = []
        self.grouped = False
        self.doubtful = False
        self._run: list[tuple[str, bytes]] = []  # words, "@" and spaces of the address being read
        self._comment = b""

    def read(self) -> list[Address]:
        value, end = self.value, len(self.value)
        while self.at < end and len(self.found) < MOST:
            match = _USUAL.match(value, self.at)
            if match is None:
                self._read_unusual(end)
                continue
            quoted, phrase, mailbox, host, bare, bare_host = match.groups()
            if bare is not None:
                self.found.append(Address(b"", bare, bare_host))
            else:
                self.found.append(Address(quoted if quoted is not None else phrase.strip(), mailbox, host))
            self.at = match.end()
        self.doubtful |= self.grouped or self.at < end
        if self.grouped:
            self.found.append(GROUP_END)
        return self.found

    def _read_unusual(self, end: int) -> None:
        """Token by token up to the end of one address or the edge of a group."""
        self._run, self._comment = [], b""
        while self.at < end:
            match = _TOKEN.match(self.value, self.at)
            assert match is not None  # <stray> takes any octet
            kind = match.lastgroup or ""
            self.at = match.end()
            if kind == "open":
                self._comment = self._read_comment() or self._comment
                self._run.append(("space", b" "))
            elif kind == "special":
                if self._take_special(match["special"]):
                    return
            elif kind == "stray":
                self.doubtful = True
            else:
                self.doubtful |= kind == "word" and _SPECIAL.search(match[kind]) is not None
                self._run.append((kind, b" " if kind == "space" else match[kind]))
        self._finish_bare()

    def _take_special(self, special: bytes) -> bool:
        """Whether it ends the address."""
        if special == b"@":
            self._run.append(("at", b"@"))
            return False
        if special == b"<":
            self._read_angle()
            return True
        if special == b":":
            return self._begin_group()
        if special == b">":
            self.doubtful = True
            return False
        self._finish_bare()
        if special == b";":
            self._end_group()
        return True

    def _read_comment(self) -> bytes:
        """The text of a comment whose "(" has been read; nested ones belong to it, an open end is the field's."""
        start, depth = self.at, 1
        for match in _COMMENT_EDGE.finditer(self.value, start):
            edge = match[0]
            if len(edge) == 1:
                depth += 1 if edge == b"(" else -1
            if depth == 0:
                self.at = match.end()
                return _unescape(self.value[start : match.start()].strip())
        self.at = len(self.value)
        self.doubtful = True
        return _unescape(self.value[start:].strip())

    def _read_angle(self) -> None:
        name = _phrase(self._run)
        self.doubtful |= any(kind == "at" for kind, _ in self._run)
        self._run = []
        route = b""
        closed = False
        while not closed and self.at < len(self.value):
            match = _TOKEN.match(self.value, self.at)
            assert match is not None
            kind = match.lastgroup or ""
            if kind == "special" and match[0] in b",;" and not _is_route(self._run):
                break  # the bracket was never closed
            self.at = match.end()
            if kind == "open":
                self._read_comment()
            elif kind == "special" and match[0] == b":" and _is_route(self._run):
                route, self._run = b"".join(text for _, text in self._run if text != b" "), []
            elif kind == "special" and match[0] == b">":
                closed = True
            elif kind == "stray" or (kind == "special" and match[0] in b"<:"):
                self.doubtful = True
            else:
                self._run.append(
                    ("at" if match[0] == b"@" else kind, match[0] if kind != "quoted" else match["quoted"])
                )
        self.doubtful |= not closed
        self._add(name, route)
        self._finish_angle()

    def _finish_angle(self) -> None:
        """Pass over what stands between ">" and the next comma; only comments may."""
        while self.at < len(self.value):
            match = _TOKEN.match(self.value, self.at)
            assert match is not None
            if match["special"] == b";" and self.grouped:
                self.at = match.end()
                self._end_group()
                return
            self.at = match.end()
            if match["special"] == b",":
                return
            if match["special"] == b"<":
                self.at = match.start()  # "<a@b> <c@d>": a comma is missing
                self.doubtful = True
                return
            if match.lastgroup == "open":
                self._read_comment()
            elif match.lastgroup != "space":
                self.doubtful = True

    def _finish_bare(self) -> None:
        if not any(kind != "space" for kind, _ in self._run):
            return  # RFC 5322 4.4: list members may be empty
        if not any(kind == "at" for kind, _ in self._run):
            self.doubtful = True
            self.found.append(Address(self._comment, _phrase(self._run), b""))
            return
        self._add(self._comment, b"")

    def _add(self, name: bytes, route: bytes) -> None:
        """An addr-spec from the run: what follows the last "@" is the host."""
        ats = [number for number, (kind, _) in enumerate(self._run) if kind == "at"]
        if not ats:
            self.doubtful = True
            self.found.append(Address(name, _joined(self._run), b"", route))
            return
        self.doubtful |= len(ats) > 1
        before, after = self._run[: ats[-1]], self._run[ats[-1] + 1 :]
        words = _joined(before, b" ").split(b" ") if not any(kind == "quoted" for kind, _ in before) else []
        if len(words) > 1 and not any(word[:1] == b"." or word[-1:] == b"." for word in words):
            self.doubtful = True
            name = name or b" ".join(words[:-1])
            before = [("atom", words[-1])]
        self.found.append(Address(name, _joined(before), _joined(after), route))

    def _begin_group(self) -> bool:
        if self.grouped or any(kind == "at" for kind, _ in self._run) or not self._run:
            self.doubtful = True
            return False
        self.found.append(Address(b"", _phrase(self._run), None))
        self.grouped = True
        return True

    def _end_group(self) -> None:
        if self.grouped:
            self.found.append(GROUP_END)
            self.grouped = False
            rest = _TOKEN.match(self.value, self.at)
            while rest is not None and rest["space"]:
                self.at = rest.end()
                rest = _TOKEN.match(self.value, self.at)
            if rest is not None and rest["special"] == b",":
                self.at = rest.end()
        else:
            self.doubtful = True


def _is_route(run: list[tuple[str, bytes]]) -> bool:
    # RFC 5322 4.4: obs-route is "@a,@b:" and nothing but
    first = next((kind for kind, _ in run if kind != "space"), "")
    return first == "at"


def _phrase(run: list[tuple[str, bytes]]) -> bytes:
    words = (_unescape(text) if kind == "quoted" else text for kind, text in run)
    return b"".join(words).strip()


def _joined(run: list[tuple[str, bytes]], space: bytes = b"") -> bytes:
    words = (_unescape(text) if kind == "quoted" else space if kind == "space" else text for kind, text in run)
    return b"".join(words).strip()


def _unescape(text: bytes) -> bytes:
    return _ESCAPE.sub(rb"\1", text) if b"\\" in text else text
