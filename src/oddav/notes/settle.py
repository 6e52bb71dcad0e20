"""One note that has changed: what both sides say is compared, and the one that is behind gets to know.

What goes into the mailbox also comes back as a change of it: after a crash in between nothing is done twice. It goes
there only if nothing has arrived since we looked: what another app did meanwhile is seen first.
"""

import msgspec

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odcore.notes import Folder, Letter, Mark, Note, key_of
from oddav.calendar.facts import facts, horizon
from oddav.notes import journal
from oddav.notes.intake import collection
from oddav.notes.merge import Verdict, judge
from oddav.store.model import Collection, Item, Put, Remove
from oddav.store.ops import pairs, put, read, remove
from oddav.store.ops.pairs import Pair
from oddav.store.store import Home
from oddav.store.transaction import Transaction


class _State(msgspec.Struct, frozen=True):
    """Both sides of a note, as they were looked at."""

    pair: Pair
    uid: int
    item: Item | None
    octets: bytes

    @property
    def etag(self) -> str:
        return "" if self.item is None else self.item.etag


def settle(home: Home, folder: Folder, account: AccountId, mark: Mark, key: str) -> Mark:
    """The mark with what was written now. Faults CONFLICT, EXPUNGED: it changed meanwhile, look again."""
    state = home.read(lambda tx: _state(tx, key))
    letter = None
    said = state.pair.base if state.uid else ""
    if state.uid and state.uid != state.pair.uid:
        letter = folder.read(account, mark.mailbox, state.uid)
        if letter is None:
            raise Fault(Kind.EXPUNGED, "The note is gone.")
        said = letter.digest
    told = None if state.item is None else journal.read(state.octets)
    verdict = judge(state.pair.base, said, "" if told is None else told.digest)
    if verdict is not Verdict.TO_MAILBOX:
        home.write(lambda tx: _write(tx, state, letter, said, verdict))
    elif told is None:
        folder.remove(account, mark.mailbox, state.uid)
    else:
        after = folder.put(account, Letter(mark, key, _dated(told), state.uid))
        alike = Pair(key, state.pair.href, state.etag, mark.uidnext, told.digest)
        home.write(lambda tx: _written(tx, alike))
        return after
    return mark


def _written(tx: Transaction, alike: Pair) -> None:
    """The message is known before it is seen: it may be gone before it is."""
    pairs.save(tx, alike)
    pairs.know(tx, {alike.uid: alike.key})


def _state(tx: Transaction, key: str) -> _State:
    pair, notes = pairs.pair(tx, key), collection(tx)
    item = None if notes is None or not pair.href else tx.find_item(notes, pair.href)
    octets = b"" if item is None else read.octets(tx, [item])[item.item]
    return _State(pair, pairs.newest(tx, key), item, octets)


def _write(tx: Transaction, state: _State, letter: Note | None, said: str, verdict: Verdict) -> None:
    """Fault CONFLICT when the journal is another by now."""
    now = _state(tx, state.pair.key)
    if (now.etag, now.uid) != (state.etag, state.uid):
        raise Fault(Kind.CONFLICT, "The note has changed meanwhile.")
    notes = collection(tx)
    etag, href = state.etag, state.pair.href
    if verdict is not Verdict.ALIKE:
        assert notes is not None  # made before anything is settled
        if verdict is Verdict.BOTH:
            _keep_both(tx, notes, state)
        href = href or f"{state.pair.key}.ics"
        etag = _say(tx, notes, href, state, letter)
    if said:
        pairs.save(tx, Pair(state.pair.key, href, etag, state.uid, said))
    else:
        pairs.end(tx, state.pair.key)


def _say(tx: Transaction, notes: Collection, href: str, state: _State, letter: Note | None) -> str:
    """The journal says what the letter does; its etag."""
    if letter is None:
        remove.remove(tx, Remove(notes.name, href))
        return ""
    note = _dated(letter)
    octets = journal.made(state.pair.key, note) if state.item is None else journal.revised(state.octets, note)
    return _put(tx, notes, href, octets)


def _keep_both(tx: Transaction, notes: Collection, state: _State) -> None:
    """What the journal says becomes a note of its own; the mailbox hears of it as of any other."""
    key = key_of(f"{state.pair.key} {state.etag} {0 if state.item is None else state.item.modseq}")
    _put(tx, notes, f"{key}.ics", journal.copied(state.octets, key))


def _put(tx: Transaction, notes: Collection, href: str, octets: bytes) -> str:
    return put.put(tx, Put(notes.name, href, octets, facts(octets, horizon(clock.now())))).etag


def _dated(note: Note) -> Note:
    """As of now, where nobody told."""
    modified = note.modified or clock.timestamp()
    return msgspec.structs.replace(note, modified=modified, created=note.created or modified)
