"""The list of mailboxes a session can see, for LIST, LSUB and XLIST.  RFC 9051 6.3.9, RFC 5258"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import msgspec

from odcore.ids import AccountId
from odcore.sharing.api import Owner
from odmail.imap import names, writer
from odmail.imap.pattern import Pattern
from odmail.imap.session import Session
from odmail.mailbox.acl import ALL, granted
from odmail.mailbox.acl import Entry as Right
from odmail.mailbox.aliases import use_of
from odmail.mailbox.api import MailAccount
from odmail.mailbox.model import SEPARATOR, Mailbox, SpecialUse


class Entry(msgspec.Struct, gc=False):
    """A name in the list. Without a box it exists only above others, or because somebody subscribed to it."""

    name: str
    box: Mailbox | None = None
    subscribed: bool = False
    children: bool = False
    subscribed_below: bool = False
    special_below: bool = False
    rights: str = ALL
    account: MailAccount | None = None  # the box's
    reader: str = ""

    @property
    def selectable(self) -> bool:
        """Can it be selected?"""
        return self.box is not None and self.box.selectable


class Sight(msgspec.Struct, frozen=True):
    """One account as it was looked at; two are equal when there is nothing new to list."""

    account: AccountId
    reader: str
    prefix: str
    boxes: Sequence[Mailbox]
    subscribed: Sequence[str] = ()
    owner: Owner | None = None  # whose lists of rights decide what may be looked up
    rights: Mapping[int, Sequence[Right]] | None = None


Looked = list[tuple[Sight, MailAccount]]


def look(session: Session, patterns: Iterable[Pattern]) -> Looked:
    """Accounts that may have such names. Blocks. Others are looked at only if a pattern can mean them."""
    home, reader = session.home, session.who.reader
    looked = [(Sight(home.id, reader, "", *home.listed(reader)), home)]
    prefixes = [pattern.prefix() for pattern in patterns]
    meant = [space for space in (names.POSTS, names.OTHERS) if any(map(partial(_may_mean, space), prefixes))]
    posts, people = session.house.sharing.around(session.who) if meant else ((), ())
    for space, owners in ((names.POSTS, posts), (names.OTHERS, people)):
        for label, owner in names.labels(owners).items() if space in meant else ():
            account = session.house.open(owner.account)
            looked.append((_look_into(account, session.who.person.id, owner, f"{space}{label}/"), account))
    return looked


def _may_mean(space: str, prefix: str) -> bool:
    return space.startswith(prefix) or prefix.startswith(space)


def _look_into(account: MailAccount, reader: str, owner: Owner, prefix: str) -> Sight:
    """Subscribed is what oneself subscribed to, but for a post held."""
    boxes, subscribed = account.listed(reader)
    if owner.holds:
        return Sight(account.id, reader, prefix, boxes, subscribed)
    return Sight(account.id, reader, prefix, boxes, (), owner, account.acls())


def entries(session: Session, patterns: Iterable[Pattern]) -> dict[str, Entry]:
    """All names by name, parents before children. Blocks."""
    return entries_of(look(session, patterns))


def entries_of(looked: Looked) -> dict[str, Entry]:
    """The same of accounts that were looked at."""
    found: dict[str, Entry] = {}
    for sight, account in looked:
        _add(found, sight, account)
    for name, entry in tuple(found.items()):
        if SEPARATOR in name and (entry.subscribed or entry.box is not None):
            _tell_parents(found, name, entry)
    return dict(sorted(found.items(), key=lambda one: (one[0] != "INBOX", one[0].split(SEPARATOR))))


def _add(found: dict[str, Entry], sight: Sight, account: MailAccount) -> None:
    owner, lists = sight.owner, sight.rights or {}
    for box in sight.boxes:
        name = sight.prefix + box.name
        rights = granted(owner, lists.get(box.id, ())) if owner else ALL
        if "l" in rights:
            subscribed = name in found if owner else box.subscribed
            found[name] = Entry(name, box, subscribed, rights=rights, account=account, reader=sight.reader)
    for name in sight.subscribed:
        found.setdefault(sight.prefix + name, Entry(sight.prefix + name, subscribed=True))


def _tell_parents(found: dict[str, Entry], name: str, entry: Entry) -> None:
    while SEPARATOR in name:
        name = name.rpartition(SEPARATOR)[0]
        parent = found.setdefault(name, Entry(name))
        parent.children |= entry.box is not None
        parent.subscribed_below |= entry.subscribed
        parent.special_below |= special_use(entry) is not None


def attributes(entry: Entry) -> list[bytes]:
    """What plain LIST says of a mailbox: special use and children, too, since phones look for them there."""
    words: list[bytes] = []
    if not entry.selectable:
        words += [b"\\NonExistent", b"\\Noselect"]
    words.append(b"\\HasChildren" if entry.children else b"\\HasNoChildren")
    use = special_use(entry)
    if use is not None:
        words.append(use.value.encode("ascii"))
    return words


def special_use(entry: Entry) -> SpecialUse | None:
    """The use it has on the wire.  RFC 6154 2. Not that of others': clients take any \\Sent for the person's own."""
    use = entry.box.special_use if entry.box is not None else None
    return None if use is None or use is SpecialUse.NOTES or names.is_shared(entry.name) else use


def response(
    session: Session, kind: bytes, words: Iterable[bytes], name: str, *, below: Iterable[bytes] = (), old: str = ""
) -> bytes:
    """`* LIST (...) "/" name`. `below`: what matched among the mailboxes below it (RFC 5258 4); `old`: what it was
    called, too (RFC 9051 6.3.9.7)."""
    spelled = _spelled(kind, tuple(words), name, session.utf8)
    if not (below or old):
        return spelled + b"\r\n"
    extended = []
    if children := b" ".join(writer.quoted(word) for word in below):
        extended.append(b'"CHILDINFO" (%b)' % children)
    if old and old != name:
        extended.append(b'"OLDNAME" (%b)' % writer.mailbox(old, utf8=session.utf8))
    ending = b" " + writer.parenthesized(extended) if extended else b""
    return spelled + ending + b"\r\n"


@functools.lru_cache(maxsize=4096)
def _spelled(kind: bytes, words: tuple[bytes, ...], name: str, utf8: bool) -> bytes:
    """`* LIST (...) "/" name`, remembered: names change seldom."""
    return b'* %b %b "/" %b' % (kind, writer.parenthesized(words), writer.mailbox(name, utf8=utf8))


def renamed(session: Session, name: str, spelled: str) -> None:
    """A client that spelled a name in its own way is told the name it has.  RFC 9051 6.3.4, 6.3.6"""
    if session.rev2 and name != spelled:
        session.write(response(session, b"LIST", (), name, old=spelled))


def aliased(entries: Mapping[str, Entry], pattern: Pattern) -> Entry | None:
    """What a pattern without wildcards means that no mailbox is called: see `mailbox.aliases`."""
    name = pattern.text
    if name in entries or pattern.prefix() != name:
        return None
    shared = names.split_shared(name)
    prefix, local = (f"{shared[0]}{shared[1]}/", shared[2]) if shared else ("", name)
    use = use_of(local)
    for entry in entries.values() if use else ():
        box = entry.box
        if box is not None and box.special_use is use and entry.name == prefix + box.name:
            return entry
    return None
