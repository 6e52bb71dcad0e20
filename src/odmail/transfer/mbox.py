"""mbox: messages behind "From " lines, those in the text quoted as mboxrd does.  RFC 4155

Flags stand in Status, X-Status and X-Keywords, as Pine, mutt and Dovecot write them; Thunderbird has X-Mozilla-Status.
These fields belong to the file, not to the message: they are read and left out, and written at export.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import BinaryIO

from odmail.transfer.lines import to_file, to_wire
from odmail.transfer.model import Letter, flags_of

FROM = re.compile(rb"From .*\d{2}:\d{2}.*|From \S+ *\Z|From - .*")
"""What separates: with a time, an address alone, or Thunderbird's dash. "From there on" in a text does not."""

_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_TO_QUOTE = re.compile(rb"^(>*From )", re.MULTILINE)
_FIELD = re.compile(rb"(?im)^(Status|X-Status|X-Keywords|X-Mozilla-Status2?|X-Mozilla-Keys): *([^\n]*)\n")
_LETTERS = {"R": 1, "A": 2, "F": 4, "D": 8, "T": 16}
_MOZILLA = {0x0001: 1, 0x0002: 2, 0x0004: 4, 0x0008: 8}


def read(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """The "From " line and the message of each, as they stand in the file."""
    lines: list[bytes] = []
    separator, blank = b"", True
    for line in file:
        if blank and FROM.match(line.rstrip(b"\r\n")):
            if separator:
                yield separator, _message(lines)
            separator, lines = line.rstrip(b"\r\n"), []
        elif separator:
            lines.append(line)
        blank = line in (b"\n", b"\r\n")
    if separator:
        yield separator, _message(lines)


def letter(separator: bytes, message: bytes, key: str) -> Letter:
    """With its flags, keywords and date."""
    end = message.find(b"\n\n")
    header, body = (message, b"") if end < 0 else (message[: end + 1], message[end + 1 :])
    fields = {name.lower().decode(): value.decode("latin-1").strip() for name, value in _FIELD.findall(header)}
    flags = sum({_LETTERS[each] for each in fields.get("status", "") + fields.get("x-status", "") if each in _LETTERS})
    mozilla = fields.get("x-mozilla-status", "")
    if re.fullmatch(r"[0-9A-Fa-f]{4}", mozilla):
        flags |= sum(bit for mark, bit in _MOZILLA.items() if int(mozilla, 16) & mark)
    words = f"{fields.get('x-keywords', '')} {fields.get('x-mozilla-keys', '')}".split()
    octets = to_wire(_FIELD.sub(b"", header) + body)
    return Letter(key, octets, flags, flags_of(tuple(words))[1], _date(separator, header))


def write(octets: bytes, flags: int, keywords: Iterable[str], received: int) -> bytes:
    """One message with its separator and the empty line after it."""
    text = to_file(octets)
    when = datetime.fromtimestamp(received, UTC).strftime("%a %b %d %H:%M:%S %Y")
    seen = "RO" if flags & 1 else "O"
    others = "".join(mark for mark, bit in _LETTERS.items() if mark != "R" and flags & bit)
    fields = f"Status: {seen}\n" + (f"X-Status: {others}\n" if others else "")
    if words := " ".join(keywords):
        fields += f"X-Keywords: {words}\n"
    quoted = _TO_QUOTE.sub(rb">\1", text)
    return f"From MAILER-DAEMON {when}\n{fields}".encode() + quoted + (b"" if text.endswith(b"\n") else b"\n") + b"\n"


def _message(lines: list[bytes]) -> bytes:
    """Without the empty line before the next separator, LF at each end, unquoted."""
    if lines and lines[-1] in (b"\n", b"\r\n"):
        lines = lines[:-1]
    return _QUOTED.sub(rb"\1", to_file(b"".join(lines)))


def _date(separator: bytes, header: bytes) -> int | None:
    """Of the separator, else of the Date field."""
    found = re.search(rb"\w{3} \w{3} +\d+ \d{2}:\d{2}(?::\d{2})?(?: \S+)? \d{4}", separator)
    if found and not separator.startswith(b"From - "):
        words = found[0].decode().split()
        clock_face = words[3] if words[3].count(":") == 2 else f"{words[3]}:00"
        try:
            text = f"{words[1]} {words[2]} {clock_face} {words[-1]}"
            return int(datetime.strptime(text, "%b %d %H:%M:%S %Y").replace(tzinfo=UTC).timestamp())
        except ValueError:
            pass
    sent = re.search(rb"(?im)^Date: *([^\n]+)", header)
    try:
        return int(parsedate_to_datetime(sent[1].decode("ascii")).timestamp()) if sent else None
    except (ValueError, TypeError, OverflowError):
        return None
