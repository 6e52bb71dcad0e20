"""Learning from people: what they move into Junk is unwanted, what they move out of it is wanted.

Hints tell that something happened in an account; what happened is read from its Junk mailbox by modseq, so that a lost
hint delays a lesson and loses none. A message that arrived in Junk by itself (by the checks' verdict, an
account's own experience, or a script) teaches nothing until it is moved out, or the filter would learn from itself.
So that both kinds are learned alike, each lesson about unwanted mail comes with one about mail that was read and kept.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from threading import Lock

import msgspec
import structlog

from odcore import clock
from odcore.errors import Fault
from odcore.ids import AccountId
from odcore.sql.database import Cursor
from odmail.filter import bayes, tokens
from odmail.filter.memory import SITE, Memory, scope_of
from odmail.filter.ops import features, lessons
from odmail.filter.ops.lessons import Lesson, Ward
from odmail.filter.stored import author_and_vouching, is_from_outside, was_junk
from odmail.mailbox.api import Fetch, MailAccount, MailStore, Search, Since
from odmail.mailbox.changes import Hint
from odmail.mailbox.model import INBOX, Flag, Mailbox, Need, Row, SpecialUse
from odmail.mailbox.search import EmailId
from odmail.message.model import Part

log = structlog.get_logger()

_DAY = 24 * 3600
_AT_ONCE = 100
_BY_ITSELF = 5
"""Seconds between coming in and lying in Junk: no person is that quick, and mail seldom that slow."""

_KEPT = 30
"""How many messages at the end of INBOX are looked through for one that was read and kept."""

_NEED = Need.HEADER | Need.PART | Need.BODY | Need.DATES
_part = msgspec.msgpack.Decoder(Part).decode


class Training:
    """Accounts whose Junk may have changed. One process of a node trains (the queue worker)."""

    def __init__(self, memory: Memory, store: MailStore, accounts: Sequence[AccountId], host: str) -> None:
        self._memory = memory
        self._store = store
        self._host = host
        self._lock = Lock()
        self._waiting: OrderedDict[AccountId, None] = OrderedDict.fromkeys(accounts)
        self._junk: dict[AccountId, int] = {}
        self._forget_at = clock.monotonic()

    def note(self, hint: Hint) -> None:
        """From any thread; subscribe this to the bus."""
        with self._lock:
            if hint.mailbox in (0, self._junk.get(hint.account, hint.mailbox)):
                self._waiting[hint.account] = None

    def step(self) -> bool:
        """One account's Junk; False when none is waiting."""
        with self._lock:
            account = self._waiting.popitem(last=False)[0] if self._waiting else None
        if account is None:
            return self._forget()
        try:
            if self._look(account):
                with self._lock:
                    self._waiting[account] = None
        except Fault as fault:  # its next change brings it back
            log.warning("training_failed", account=account, reason=fault.text)
        return True

    def _look(self, id: AccountId) -> bool:
        """Whether more is left to look at."""
        account = self._store.open(id)
        boxes = account.mailboxes()
        box = next((each for each in boxes if each.special_use is SpecialUse.JUNK), None)
        if box is None:
            return False
        self._junk[id] = box.id
        scope = scope_of(id)
        seen = self._memory.read(lambda cursor: lessons.standing(cursor, scope))
        afresh = seen.mailbox != box.id
        seen = Ward(box.id) if afresh else seen
        if box.highestmodseq <= seen.modseq and box.uidnext <= seen.uidnext:
            return False
        return self._learn(account, scope, boxes, seen, afresh=afresh)

    def _learn(self, account: MailAccount, scope: int, boxes: Sequence[Mailbox], seen: Ward, *, afresh: bool) -> bool:
        changes = account.changes(Since(seen.mailbox, seen.modseq, seen.uidnext))
        added = [each.uid for each in changes.added]
        came = list(account.fetch(Fetch(seen.mailbox, [(uid, uid) for uid in added[:_AT_ONCE]], _NEED)))
        went = self._memory.read(lambda cursor: lessons.gone(cursor, scope, changes.removed))
        given = [self._lesson(row, unwanted=True) for row in came if not _came_by_itself(row)]
        given += self._kept(account, scope, boxes, len(given))
        given += [self._lesson(row, unwanted=False) for row in self._released(account, boxes, seen.mailbox, went)]
        more = len(added) > _AT_ONCE
        done = Ward(seen.mailbox, seen.modseq if more else changes.modseq, added[_AT_ONCE] if more else changes.uidnext)
        inmates = [(row.uid, row.message) for row in came]
        self._memory.write(partial(_save, scope, given, done, inmates, changes.removed, afresh=afresh))
        if given:
            unwanted = sum(each.unwanted for each in given)
            log.info("learned", account=account.id, unwanted=unwanted, wanted=len(given) - unwanted)
        return more

    def _released(
        self, account: MailAccount, boxes: Sequence[Mailbox], junk: int, messages: Sequence[int]
    ) -> Iterator[Row]:
        """Those that are now somewhere a person keeps mail; what was deleted is no lesson."""
        places = [box for box in boxes if box.selectable and box.id != junk and box.special_use is not SpecialUse.TRASH]
        for message in messages[:_AT_ONCE]:
            for box in places:
                found = account.search(Search(box.id, EmailId(message))).uids
                if found:
                    yield from account.fetch(Fetch(box.id, [(found[0], found[0])], _NEED))
                    break

    def _kept(self, account: MailAccount, scope: int, boxes: Sequence[Mailbox], count: int) -> list[Lesson]:
        """As many wanted messages: in INBOX, read, and no lesson yet."""
        inbox = next((box for box in boxes if box.name == INBOX), None)
        if not count or inbox is None:
            return []
        rows = account.fetch(Fetch(inbox.id, [(max(1, inbox.uidnext - _KEPT), inbox.uidnext)]))
        read = [row.uid for row in rows if row.flags & Flag.SEEN and not self._is_known(scope, row.message)]
        chosen = account.fetch(Fetch(inbox.id, [(uid, uid) for uid in read[-count:]], _NEED))
        return [self._lesson(row, unwanted=False) for row in chosen]

    def _is_known(self, scope: int, message: int) -> bool:
        return self._memory.read(lambda cursor: lessons.known(cursor, scope, message))

    def _lesson(self, row: Row, *, unwanted: bool) -> Lesson:
        body = row.body
        assert body is not None
        words = tokens.of_message(_part(row.part), row.header, body.read)
        author, domains, aligned = author_and_vouching(row.header, self._host)
        found = words | frozenset(bayes.names(author, domains, aligned=aligned))
        return Lesson(row.message, found, unwanted, is_from_outside(row.header))

    def _forget(self) -> bool:
        """Once a day."""
        if clock.monotonic() >= self._forget_at:
            self._forget_at = clock.monotonic() + _DAY
            self._memory.forget()
        return False


def _came_by_itself(row: Row) -> bool:
    return was_junk(row.header) or row.saved - row.received < _BY_ITSELF


def _save(
    scope: int,
    given: Sequence[Lesson],
    done: Ward,
    came: Sequence[tuple[int, int]],
    went: Iterable[int],
    cursor: Cursor,
    *,
    afresh: bool,
) -> None:
    """Lessons and how far they go, together: none is lost and none is learned twice."""
    day = clock.timestamp() // _DAY
    for each in given:
        lessons.teach(cursor, scope, SITE, each, day)
    lessons.save(cursor, scope, done, came, went, afresh=afresh)
    if given:
        features.forget(cursor, scope)
        features.forget(cursor, SITE)
