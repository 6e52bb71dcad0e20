"""IMAP commands: any split gives the same events, every argument is read or is BadSyntax.  odmail.imap.intake"""

from collections.abc import Callable

from fuzz.oracle import split
from odmail.imap import commands, results, sorting, vanished
from odmail.imap.commands.fetch import read_wanted
from odmail.imap.commands.store import read_change
from odmail.imap.intake import Broken, Intake, Whole
from odmail.imap.reader import Reader
from odmail.imap.types import BadSyntax

REGISTRY = commands.load()


def _nested(reader: Reader) -> object:
    return reader.list_of(lambda: _nested(reader) if reader.peek(b"(") else reader.astring())


READS: tuple[Callable[[Reader], object], ...] = (
    Reader.atom,
    Reader.astring,
    Reader.nstring,
    Reader.text,
    Reader.number,
    Reader.number64,
    Reader.date,
    Reader.date_time,
    Reader.mailbox,
    Reader.pattern,
    Reader.flag,
    Reader.flags,
    _nested,
    results.read,
    sorting.read,
    vanished.read_known,
    read_wanted,
    read_change,
)


def one(data: bytes) -> None:
    events = _events([data])
    assert events == _events(split(data))
    for event in events:
        if isinstance(event, Whole):
            for utf8 in (False, True):
                for read in READS:
                    _arguments(Reader(event.args, utf8=utf8), read)


def _events(pieces: list[bytes]) -> list[object]:
    intake = Intake(REGISTRY)
    intake.widen()
    found: list[object] = []
    for piece in pieces:
        intake.framer.feed(piece)
        while (event := intake.next()) is not None:
            found.append(event)
            if isinstance(event, Broken) or (isinstance(event, Whole) and event.upload):
                return found
    return found


def _arguments(reader: Reader, read: Callable[[Reader], object]) -> None:
    try:
        read(reader)
        while reader.take(b" "):
            read(reader)
        reader.end()
    except BadSyntax:
        pass
