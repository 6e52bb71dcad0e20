"""Files of calendars as programs import them: an object for each UID, without METHOD; each line as it stood."""

import re
from collections.abc import Iterator

_MARK = re.compile(rb"(BEGIN|END):(.*?)\s*$")
_THINGS = (b"VEVENT", b"VTODO", b"VJOURNAL", b"VAVAILABILITY")
_UID = re.compile(rb"^UID[^:\n]*:(.*?)\s*$", re.MULTILINE)
_HEAD, _TAIL = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n", b"END:VCALENDAR\r\n"


def objects(octets: bytes) -> Iterator[bytes]:
    """Cards as they are, and what of the rest can be put into a collection; nothing of a file without any."""
    zones: list[bytes] = []
    things: dict[bytes, list[bytes]] = {}
    for name, text in _components(octets):
        if name == b"VCARD":
            yield text
        elif name == b"VTIMEZONE":
            zones.append(text)
        elif name in _THINGS:
            uid = _UID.search(text)
            things.setdefault(name + (uid[1] if uid else text), []).append(text)
    for parts in things.values():
        yield b"".join([_HEAD, *zones, *parts, _TAIL])


def _components(octets: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The outermost, below VCALENDAR."""
    open_, inner = [], b""
    for line in octets.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True):
        mark = _MARK.match(line)
        if mark and mark[2].upper() == b"VCALENDAR":
            continue
        if mark and mark[1] == b"BEGIN":
            open_.append(mark[2].upper())
        if open_:
            inner += line if line.endswith(b"\n") else line + b"\r\n"
        if mark and mark[1] == b"END" and open_:
            name = open_.pop()
            if not open_:
                yield name, inner
                inner = b""
