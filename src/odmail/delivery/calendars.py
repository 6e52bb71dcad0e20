"""Invitations and answers that came by mail, told to calendars when their author is beyond doubt.  RFC 6047 2, 3

The mail itself is delivered whatever becomes of this: what cannot be told is left to the reader.
"""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from urllib.parse import unquote

import structlog

from odcore.errors import Fault
from odcore.imip import Arrived, Calendars
from odmail.delivery.imip import EVENT
from odmail.delivery.local import Drop, Letter
from odmail.delivery.marks import Marks
from odmail.message import charset, header, transfer
from odmail.message.model import Part
from odmail.queue.model import Origin
from odmail.queue.verdict import Verdict
from odmail.trust import author

log = structlog.get_logger()

_LARGEST = 1 << 20
_MOST_PARTS = 100


class Invitations:
    """Reads what is delivered."""

    def __init__(self, calendars: Calendars, marks: Marks) -> None:
        self._calendars = calendars
        self._marks = marks

    def note(self, drop: Drop, origin: Origin) -> None:
        """Durable when this returns. Never fails: the mail has been delivered."""
        try:
            self._note(drop, origin)
        except Fault as fault:
            log.warning("invitation_not_told", id=drop.letter.id, account=drop.account.id, reason=fault.text)
        except Exception:
            log.exception("invitation_not_told", id=drop.letter.id, account=drop.account.id)

    def _note(self, drop: Drop, origin: Origin) -> None:
        letter = drop.letter
        if not letter.sender and self._note_return(drop, ours=origin.service == "local"):
            return
        part = _part(letter.parsed.part)
        if part is None or (letter.verdict is not None and letter.verdict.junk):
            return
        written_by = author.read(letter.read(0, min(letter.parsed.header_size, header.MAX_BLOCK)))
        if not written_by.spec or not is_proven(written_by.domain, letter.verdict, origin):
            log.info("invitation_left_to_reader", id=letter.id, author=written_by.spec)
            return
        self._tell(drop, written_by.spec.lower(), part)

    def _note_return(self, drop: Drop, *, ours: bool) -> bool:
        """Is it a report on an invitation? Who could not be reached is told: of others, if it was sent to them.

        RFC 3464, RFC 6522 4, RFC 6638 3.2.9
        """
        letter = drop.letter
        parts = {(part.kind, part.subtype): part for part in letter.parsed.part.children}
        status, block = parts.get(("message", "delivery-status")), _returned(parts, letter)
        uid = unquote(header.value(block, EVENT.lower()) or "")
        if status is None or not uid:
            return False
        message_id = header.value(block, "message-id") or ""
        given_up = _unreached(_octets(status, letter).decode())
        told = (next((to for to in each if ours or self._marks.is_ours(message_id, to)), "") for each in given_up)
        if unreached := tuple(filter(None, told)):
            known_by = _digest(letter, uid.encode())
            self._calendars.arrived(Arrived(known_by, drop.account.id, uid=uid, returned=unreached))
        return True

    def _tell(self, drop: Drop, author: str, part: Part) -> None:
        octets = _octets(part, drop.letter)
        self._calendars.arrived(Arrived(_digest(drop.letter, octets), drop.account.id, author, octets))


def _digest(letter: Letter, octets: bytes) -> str:
    told = letter.parsed.message_id or letter.id
    return blake2b(b"\0".join((told.encode(), octets)), digest_size=20).hexdigest()


def _returned(parts: Mapping[tuple[str, str], Part], letter: Letter) -> bytes:
    """The header of what a report is about: all of that comes back, or only this."""
    message, headers = parts.get(("message", "rfc822")), parts.get(("text", "rfc822-headers"))
    if message is not None and message.children:
        sent = message.children[0]
        return letter.read(sent.header_start, min(sent.body_start - sent.header_start, header.MAX_BLOCK))
    return b"" if headers is None else _octets(headers, letter)


def is_proven(domain: str, verdict: Verdict | None, origin: Origin) -> bool:
    """Is mail from this author's domain really its? Our own people's is: their identities are checked."""
    if verdict is None:
        return origin.service == "submission"
    found = verdict.of("dmarc")
    if found is None or found.result not in ("pass", "none"):
        return False
    if found.result == "pass":
        return True
    return any(_vouches(domain, each.check, dict(each.facts)) for each in verdict.findings if each.result == "pass")


def _vouches(domain: str, check: str, facts: dict[str, str]) -> bool:
    """Where the domain has no policy, only itself speaks for it."""
    if check == "dkim":
        return facts.get("header.d", "").lower() == domain
    return check == "spf" and facts.get("smtp.mailfrom", "").rpartition("@")[2].lower() == domain


def _part(root: Part) -> Part | None:
    """The calendar in it: as a text of its own, else as a file."""
    found = [each for each in _parts(root) if each.end - each.body_start <= 2 * _LARGEST]
    texts = [each for each in found if (each.kind, each.subtype) == ("text", "calendar")]
    files = [each for each in found if (each.kind, each.subtype) == ("application", "ics")]
    return next(iter([*texts, *files]), None)


def _parts(root: Part) -> Iterator[Part]:
    """Not those of a message in a message: that one was for somebody else."""
    waiting = [root]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        yield part
        if part.kind == "multipart":
            waiting += part.children


_NAMES = ("final-recipient", "original-recipient")


def _unreached(text: str) -> list[list[str]]:
    """The addresses that a status part says were given up, each by all names it has there.  RFC 3464 2.3"""
    found: list[list[str]] = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        fields = {name.strip().lower(): each for name, _, each in (line.partition(":") for line in block.split("\n"))}
        if fields.get("action", "").strip().lower() == "failed":
            found.append([fields.get(name, "").partition(";")[2].strip().strip("<>").lower() for name in _NAMES])
    return found


def _octets(part: Part, letter: Letter) -> bytes:
    octets = transfer.decode(letter.read(part.body_start, part.end - part.body_start), part.encoding)
    return charset.decode(octets, part.charset or "utf-8").encode()
