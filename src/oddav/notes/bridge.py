"""Keeps the two faces of notes alike. One process of a node does it.

Hints tell which accounts to look at; what happened there is read from both sides by modseq, so that a lost hint
delays a note and loses none. Once a day, and at the start, all accounts are looked at, a few at a time.
"""

from collections.abc import Callable, Iterable
from threading import Event, Lock

import structlog

from odcore import clock, ids
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odcore.notes import Folder, Look, Mark
from oddav.notes.intake import collection, take_in
from oddav.notes.settle import settle
from oddav.scheduling.users import User
from oddav.store.model import Create
from oddav.store.ops import create, pairs
from oddav.store.store import Home, Store
from oddav.store.transaction import Transaction

log = structlog.get_logger()

_DAY = 24 * 3600.0
_TICK = 1.0
"""Seconds until what changed under our hands is looked at again."""

_PACE = 0.05
"""Seconds between two accounts of the daily round."""

_AT_ONCE = 200
"""Notes of one account, before others have their turn."""


class Bridge:
    """Of one node."""

    def __init__(
        self,
        store: Store,
        folder: Folder,
        user: Callable[[AccountId], User],
        accounts: Callable[[], Iterable[AccountId]],
    ) -> None:
        self._store = store
        self._folder = folder
        self._user = user
        self._accounts = accounts
        self._lock = Lock()
        self._hint = Event()
        self._hinted: dict[AccountId, None] = {}
        self._later: set[AccountId] = set()
        self._round: list[AccountId] = []
        self._round_at = clock.monotonic()
        self._boxes: dict[AccountId, int] = {}
        self._stopping = False

    def note_mail(self, account: AccountId, mailbox: int) -> None:
        """Something happened in a mailbox; 0: in the list of them. From any thread."""
        if mailbox in (0, self._boxes.get(account, mailbox)):
            self.note(account)

    def note(self, account: AccountId) -> None:
        """It may have another note. From any thread."""
        with self._lock:
            self._hinted[account] = None
        self._hint.set()

    def stop(self) -> None:
        """Let `run` return after the account it is at. From any thread."""
        self._stopping = True
        self._hint.set()

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopping:
            self._hint.clear()
            account = self._next()
            if account is not None:
                self._guarded(account)
            elif self._begin_round():
                self._hint.wait(_PACE)
                self._guarded(self._round.pop())
            else:
                self._hint.wait(_TICK)
                for each in tuple(self._later):
                    self.note(each)
                self._later.clear()

    def _next(self) -> AccountId | None:
        with self._lock:
            account = next(iter(self._hinted), None)
            if account is not None:
                del self._hinted[account]
            return account

    def _begin_round(self) -> bool:
        """Whether anything is left of it."""
        if not self._round and clock.monotonic() >= self._round_at:
            self._round_at = clock.monotonic() + _DAY
            self._round = list(self._accounts())
        return bool(self._round)

    def _guarded(self, account: AccountId) -> None:
        """One account's failure is no other's; its next change brings it back."""
        try:
            if self.look(account):
                self.note(account)
        except Fault as fault:
            log.warning("notes_failed", account=account, reason=fault.text)
        except Exception:
            log.exception("notes_failed", account=account)

    def look(self, account: AccountId) -> bool:
        """Compare what changed; whether there is more to be done at once."""
        if not self._store.has(account):
            self._boxes[account], is_used = self._folder.box(account)
            if not is_used:
                return False
        home = self._store.open(account, () if self._store.has(account) else self._user(account).first)
        look = self._folder.look(account, home.read(pairs.standing).mark)
        if look is None:
            return False
        self._boxes[account] = look.mark.mailbox
        if not home.read(lambda tx: _is_news(tx, look)):
            return False
        if home.read(collection) is None:
            self._collect(home, account)
        more = home.write(lambda tx: take_in(tx, look))
        keys = home.read(pairs.due)
        return (self._settle(account, look.mark, keys) if keys else False) or more

    def _collect(self, home: Home, account: AccountId) -> None:
        """A collection for notes where there is none."""
        made = next(each for each in self._user(account).first if each.components == "VJOURNAL")
        home.write(lambda tx: _make(tx, made))

    def _settle(self, account: AccountId, mark: Mark, keys: list[str]) -> bool:
        """Whether there is more: what was written into the mailbox comes back as news."""
        home = self._store.open(account, (), self._user(account).quota)
        before, more = mark, len(keys) > _AT_ONCE
        for key in keys[:_AT_ONCE]:
            try:
                mark = settle(home, self._folder, account, mark, key)
            except Fault as fault:
                if fault.kind in (Kind.CONFLICT, Kind.EXPUNGED):
                    self._later.add(account)
                    continue
                log.warning("note_failed", account=account, note=key, reason=fault.text)
                more = False  # not at once
                if fault.kind is not Kind.OVER_QUOTA:  # one side is full: a smaller note may fit, or go the other way
                    break
        return more or mark != before


def _is_news(tx: Transaction, look: Look) -> bool:
    """Has either side changed, or is something left from before? Who never had a note has none."""
    before, notes = pairs.standing(tx), collection(tx)
    if notes is None:
        return bool(before.token) or look.mark.uidnext > 1
    return look.mark != before.mark or notes.token != before.token or bool(pairs.due(tx))


def _make(tx: Transaction, made: Create) -> None:
    name = made.name if tx.find(made.name) is None else f"{made.name}-{ids.readable(4)}"
    create.create(tx, Create(name, made.kind, made.components, made.properties))
