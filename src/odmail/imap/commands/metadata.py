"""GETMETADATA and SETMETADATA: what people and programs note about mailboxes and the server.  RFC 5464

Private entries are each person's own, in other people's mailboxes, too. Shared ones are read by all who may look the
mailbox up and do something in it, and changed by those who may write there (the right "w"). Of the server there is one
shared entry, how to reach its administrators; nobody changes it.
"""

import re

import msgspec

from odcore.errors import Fault, Kind
from odmail.imap import names, writer
from odmail.imap.faults import refusal
from odmail.imap.names import Place
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import SIGNED_IN, BadSyntax, Reply
from odmail.mailbox.api import GetMetadata, SetMetadata
from odmail.mailbox.model import LARGEST_ANNOTATION

CAPABILITIES = ("METADATA",)

_ENTRY = re.compile(r"/(private|shared)(/[\x21-\x24\x26-\x29\x2b-\x2e\x30-\x7e]+)*\Z")
_MOST_NAMES = 100
_LONGEST = 255
_DEPTHS: dict[bytes, int | None] = {b"0": 0, b"1": 1, b"INFINITY": None}
_ADMIN = "/shared/admin"


class Options(msgspec.Struct):
    """What GETMETADATA is asked besides names."""

    depth: int | None = 0
    most: int | None = None


@command("GETMETADATA", states=SIGNED_IN, rfc="5464 4.2")
async def get_metadata(session: Session, args: Reader) -> Reply | None:
    """Values of entries and, if asked, of those below them. Options stand before the name or behind it."""
    options = Options()
    if args.peek(b"("):
        _read_options(args, options)
        args.space()
    name = args.mailbox()
    args.space()
    if args.peek(b"(") and not args.looks_like(_ENTRIES):
        _read_options(args, options)
        args.space()
    entries = args.list_of(lambda: _entry(args), empty=False) if args.peek(b"(") else [_entry(args)]
    args.end()
    if len(entries) > _MOST_NAMES:
        raise Fault(Kind.LIMIT, "Too many entries")
    place = await _place(session, name)
    wanted = GetMetadata(place.name, tuple(dict.fromkeys(entries)), options.depth, place.reader)
    values = await session.call(_values, session, place, wanted)
    longest = max(map(len, values.values()), default=0)
    shown = {entry: v for entry, v in values.items() if options.most is None or len(v) <= options.most}
    none = {entry: None for entry in wanted.entries if entry not in values}
    await session.send(_response(session, name, shown | none))
    if len(shown) == len(values):
        return None
    return Reply("Some values are longer", b"METADATA LONGENTRIES %d" % longest)


@command("SETMETADATA", states=SIGNED_IN, rfc="5464 4.3")
async def set_metadata(session: Session, args: Reader) -> Reply | None:
    """Set or remove entries, all of them or none."""
    name = args.mailbox()
    args.space()
    pairs = args.list_of(lambda: _pair(args), empty=False)
    args.end()
    values = dict(pairs)
    for entry in values:
        _check_new(entry)
    place = await _place(session, name)
    if any(entry.startswith("/shared/") for entry in values):
        if not name:
            raise Fault(Kind.DENIED, "Shared entries of the server are not for clients to set")
        place.require("w")
    try:
        modseq = await session.call(place.account.set_metadata, SetMetadata(place.name, values, place.reader))
    except Fault as fault:
        codes = {Kind.TOO_BIG: b"METADATA MAXSIZE %d" % LARGEST_ANNOTATION, Kind.LIMIT: b"METADATA TOOMANY"}
        return refusal(fault, codes.get(fault.kind, b""))
    if session.notices is not None:
        session.notices.own_annotations.add(modseq)
    return None


_ENTRIES = re.compile(rb'\("?/')


def _read_options(args: Reader, options: Options) -> None:
    """`(MAXSIZE 1024 DEPTH infinity)`"""
    args.expect(b"(")
    while True:
        word = args.word()
        args.space()
        if word == b"MAXSIZE":
            options.most = args.number()
        elif word == b"DEPTH":
            depth = args.word()
            if depth not in _DEPTHS:
                raise BadSyntax("DEPTH is 0, 1 or infinity")
            options.depth = _DEPTHS[depth]
        else:
            raise BadSyntax("unknown GETMETADATA option")
        if args.take(b")"):
            return
        args.space()


def _entry(args: Reader) -> str:
    """In lower case: names of entries have none of their own.  RFC 5464 3.2"""
    entry = args.text().lower()
    if not _ENTRY.match(entry) or len(entry) > _LONGEST:
        raise BadSyntax("no entry can have that name")
    return entry


def _pair(args: Reader) -> tuple[str, bytes | None]:
    entry = _entry(args)
    args.space()
    return entry, args.nstring()


def _check_new(entry: str) -> None:
    """RFC 5464 3.2: two components, and four below vendor."""
    levels = entry.split("/")[1:]
    if len(levels) < (4 if levels[1:2] == ["vendor"] else 2):
        raise BadSyntax("the name of the entry is too short")


async def _place(session: Session, name: str) -> Place:
    """The mailbox; for the server ("") the account signed in to."""
    if not name:
        return Place(session.home, "", session.who.reader)
    place = await session.place(name)
    if "l" not in place.rights:
        raise names.nonexistent()
    if not set("rswip") & set(place.rights):  # RFC 5464 3.3
        raise names.forbidden(place.rights)
    return place


def _values(session: Session, place: Place, wanted: GetMetadata) -> dict[str, bytes]:
    """Blocks."""
    values = place.account.get_metadata(wanted)
    if not place.name:
        contact = session.house.contact().encode()
        deep = wanted.depth != 0 and "/shared" in wanted.entries
        if contact and (_ADMIN in wanted.entries or deep):
            values[_ADMIN] = contact
    return values


def _response(session: Session, name: str, values: dict[str, bytes] | dict[str, bytes | None]) -> bytes:
    """* METADATA name (entry value ...)"""
    words = [b"%b %b" % (entry.encode("ascii"), _value(value)) for entry, value in values.items()]
    return b"* METADATA %b %b\r\n" % (writer.mailbox(name, utf8=session.utf8), writer.parenthesized(words))


def _value(value: bytes | None) -> bytes:
    """A string, a literal8 for what no string may hold, or NIL."""
    if value is not None and b"\0" in value:
        return b"~{%d}\r\n%b" % (len(value), value)
    return writer.nstring(value)
