"""What servers answer: replies read with bounds, and what they mean for a recipient.  RFC 5321 4.2, RFC 3463"""

import re

import msgspec
from msgspec.structs import replace

from odmail.delivery.ports import Outcome
from odmail.queue.model import Status

MOST_LINES = 100
LONGEST_TEXT = 500
UNREACHABLE = "4.4.1"
_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)
_ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:\s+|$)")


class Heard(msgspec.Struct, frozen=True):
    """One reply of a server; `text` is printable, one line."""

    code: int
    enhanced: str
    lines: tuple[str, ...]

    @property
    def positive(self) -> bool:
        """2xx."""
        return 200 <= self.code < 300

    @property
    def text(self) -> str:
        """All lines as one, not too long."""
        return " ".join(self.lines)[:LONGEST_TEXT]


class Gone(Exception):
    """The connection is of no use any more: lost, out of time, or the peer does not speak SMTP."""

    def __init__(self, text: str, code: int = 421, enhanced: str = "4.4.2") -> None:
        super().__init__(text)
        self.heard = Heard(code, enhanced, (text,))


class ReplyReader:
    """Puts lines together; `add` returns the reply with its last line."""

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, line: bytes) -> Heard | None:
        """One more line. Raises Gone for what is no reply, or one without end."""
        match = _LINE.fullmatch(line)
        if not match:
            raise Gone("the peer does not speak SMTP", 451, "4.5.0")
        self._lines.append(_printable((match[3] or b"")[: LONGEST_TEXT * 2]))
        if match[2] == b"-":
            if len(self._lines) >= MOST_LINES:
                raise Gone("a reply without end", 451, "4.5.0")
            return None
        lines, self._lines = self._lines, []
        return _heard(int(match[1]), lines)


def _heard(code: int, lines: list[str]) -> Heard:
    """Take the enhanced code off each line; one of another class than the reply's is not believed (RFC 3463 2)."""
    match = _ENHANCED.match(lines[0])
    if not match or match[1][0] != str(code)[0]:
        return Heard(code, "", tuple(lines))
    return Heard(code, match[1], tuple(_ENHANCED.sub("", line, count=1) for line in lines))


def _printable(line: bytes) -> str:
    text = line.decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def outcome(heard: Heard, host: str, tls: str, dsn: bool = False) -> Outcome:
    """For one recipient: 2xx delivered, 5xx failed, all else another attempt."""
    if heard.positive:
        status = Status.DELIVERED
    else:
        status = Status.FAILED if heard.code >= 500 else Status.WAITING
    enhanced = heard.enhanced or f"{heard.code // 100 if heard.code // 100 in (2, 5) else 4}.0.0"
    return Outcome(status, heard.code, enhanced, heard.text, host, tls, dsn and heard.positive)


def at_the_door(heard: Heard, host: str, tls: str) -> Outcome:
    """Of a host that spoke to nobody, or said that it will not (421); TLS that went wrong is about our own wishes."""
    away = heard.code == 421 or heard.enhanced == UNREACHABLE
    return replace(outcome(heard, host, tls), turned_away=away)
