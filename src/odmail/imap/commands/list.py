"""LIST with selection and return options.  RFC 9051 6.3.9, RFC 5258, RFC 5819, RFC 6154, RFC 8440"""

import functools
from collections.abc import Callable

import msgspec

from odmail.imap import listing, status
from odmail.imap.commands.acl import rights_response
from odmail.imap.listing import Entry, Sight
from odmail.imap.pattern import Pattern
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import SIGNED_IN, BadSyntax, Reply

_SELECT = frozenset((b"SUBSCRIBED", b"REMOTE", b"RECURSIVEMATCH", b"SPECIAL-USE"))
_RETURN = frozenset((b"SUBSCRIBED", b"CHILDREN", b"SPECIAL-USE", b"MYRIGHTS"))
MAX_PATTERNS = 100
SHORT = 500
"""Arguments that take no more octets than this are read once."""
_SIGHT = 500
"""Octets that what is known of a mailbox takes."""


class Options(msgspec.Struct, frozen=True):
    """What one LIST asks for. `extended`: it used the syntax of RFC 5258."""

    patterns: list[Pattern]
    select: frozenset[bytes]
    give: frozenset[bytes]
    status: list[bytes]
    extended: bool


@command(
    "LIST",
    states=SIGNED_IN,
    rfc="9051 6.3.9",
    capability="CHILDREN LIST-EXTENDED LIST-STATUS LIST-MYRIGHTS SPECIAL-USE",
)
async def list_(session: Session, args: Reader) -> Reply | None:
    """Names that match, with their attributes and, if asked, their STATUS."""
    asked = args.rest()
    options = _read_once(asked, args.utf8) if len(asked) <= SHORT else _read(args)
    status.asked(session, options.status)
    if not options.extended and options.patterns[0].text == "":
        session.write(b'* LIST (\\Noselect) "/" ""\r\n')  # what separates levels?
        return None
    await session.send(await session.quick(_answer, session, options, asked))
    return None


def _answer(session: Session, options: Options, asked: bytes) -> bytes:
    """Blocks. As long as nothing has changed the answer is the same as to the same words before."""
    looked = listing.look(session, options.patterns)
    if options.status:
        return _written(session, options, listing.entries_of(looked))
    key = ("list", session.home.id, session.who.person.id, asked, session.utf8, session.rev2)
    seen = [sight for sight, _ in looked]
    known: tuple[list[Sight], bytes] | None = session.house.keep.get(key)
    if known is None or known[0] != seen:
        known = seen, _written(session, options, listing.entries_of(looked))
        boxes = sum(len(sight.boxes) for sight in seen)
        session.house.keep.put(key, known, len(known[1]) + _SIGHT * boxes)
    return known[1]


def _written(session: Session, options: Options, entries: dict[str, Entry]) -> bytes:
    lines: list[bytes] = []
    for entry in entries.values():
        if any(pattern.matches(entry.name) for pattern in options.patterns):
            lines += _lines(session, options, entry)
    for pattern in options.patterns:
        if (meant := listing.aliased(entries, pattern)) is not None:
            lines += _lines(session, options, meant, called=pattern.text)
    return b"".join(lines)


def _lines(session: Session, options: Options, entry: Entry, *, called: str = "") -> list[bytes]:
    """The answer for one name: none, a LIST, or a LIST and a STATUS. `called`: by which other name it was asked for."""
    chosen = _chosen(options, entry)
    below = _below(options, entry)
    if not chosen and not below:
        return []
    words = listing.attributes(entry)
    if entry.subscribed and b"SUBSCRIBED" in options.select | options.give:
        words.append(b"\\Subscribed")
    name = entry.name if session.rev2 else called or entry.name
    old = called if session.rev2 else ""
    lines = [listing.response(session, b"LIST", words, name, below=below, old=old)]
    if chosen and b"MYRIGHTS" in options.give and entry.box is not None:  # RFC 8440 3
        lines.append(rights_response(session, name, entry.rights))
    if options.status and entry.selectable and entry.box is not None and "r" in entry.rights:
        reclaimable = status.reclaimable(entry.account, entry.box, options.status)
        lines.append(status.response(session, name, entry.box, options.status, reclaimable))
    return lines


def _below(options: Options, entry: Entry) -> list[bytes]:
    """Which of the selection options a mailbox below it meets.  RFC 5258 3.5"""
    if b"RECURSIVEMATCH" not in options.select:
        return []
    met = {b"SUBSCRIBED": entry.subscribed_below, b"SPECIAL-USE": entry.special_below}
    asked = [word for word in met if word in options.select]
    return asked if all(met[word] for word in asked) else []


def _chosen(options: Options, entry: Entry) -> bool:
    if b"SUBSCRIBED" in options.select and not entry.subscribed:
        return False
    if b"SPECIAL-USE" in options.select and listing.special_use(entry) is None:
        return False
    return entry.box is not None or entry.children or b"SUBSCRIBED" in options.select


@functools.lru_cache(maxsize=256)
def _read_once(text: bytes, utf8: bool) -> Options:
    """Clients ask for the same again and again."""
    return _read(Reader(text, utf8=utf8))


def _read(args: Reader) -> Options:
    select = args.list_of(args.word) if args.peek(b"(") else None
    if select is not None:
        args.space()
    reference = args.mailbox()
    args.space()
    several = args.peek(b"(")
    patterns = args.list_of(args.pattern, empty=False) if several else [args.pattern()]
    give, items, returned = _read_return(args)
    args.end()
    chosen = _known(select or [], _SELECT)
    if b"RECURSIVEMATCH" in chosen and not chosen & {b"SUBSCRIBED", b"SPECIAL-USE"}:
        raise BadSyntax("RECURSIVEMATCH needs something to match")  # RFC 5258 3.1
    if len(patterns) > MAX_PATTERNS:
        raise BadSyntax("too many patterns")
    extended = select is not None or several or returned
    return Options([Pattern(reference + one) for one in patterns], chosen, give, items, extended)


def _read_return(args: Reader) -> tuple[frozenset[bytes], list[bytes], bool]:
    """`RETURN (CHILDREN STATUS (MESSAGES))`: options, STATUS items, and whether it stood there at all."""
    if not args.take(b" "):
        return frozenset(), [], False
    if args.word() != b"RETURN":
        raise args.bad("RETURN")
    args.space()
    items: list[bytes] = []
    words = args.list_of(_option(args, items))
    return _known([word for word in words if word != b"STATUS"], _RETURN), items, True


def _option(args: Reader, items: list[bytes]) -> Callable[[], bytes]:
    def read() -> bytes:
        word = args.word()
        if word == b"STATUS":
            args.space()
            items[:] = status.read_items(args)
        return word

    return read


def _known(words: list[bytes], known: frozenset[bytes]) -> frozenset[bytes]:
    if not known.issuperset(words):
        raise BadSyntax("unknown LIST option")
    return frozenset(words)
