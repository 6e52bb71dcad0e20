"""Seals what is over: told which posts changed, and once an hour of all."""

from collections.abc import Iterable
from threading import Lock

import structlog

from odcore import clock
from odcore.directory.ldap import LdapDirectory
from odcore.directory.model import Post
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odmail.mailbox.api import MailStore
from odmail.tenure.archive import Archive
from odmail.tenure.model import Sealed, Tenure, ended
from odmail.tenure.papers import Held

log = structlog.get_logger()


class Sealing:
    """One process of a node does it."""

    def __init__(self, directory: LdapDirectory, store: MailStore, archive: Archive, held: Held) -> None:
        self._directory = directory
        self._held = held
        self._store = store
        self._archive = archive
        self._noted: set[AccountId] = set()
        self._all = True
        self._turn = Lock()

    def note(self, ids: Iterable[str]) -> None:
        """Entries that changed, or in which a charge began or ended."""
        self._noted |= {AccountId(each) for each in ids}

    def run(self) -> None:
        """Those that were noted, at first all. A Fault leaves a post to the next hour."""
        if not self._turn.acquire(blocking=False):
            return  # a large one is being sealed
        try:
            self._note_all()
            while self._noted:
                self._look(self._noted.pop())
        finally:
            self._turn.release()

    def everything(self) -> None:
        """The next turn looks at all posts, and at what was destroyed and not gone yet."""
        self._all = True

    def seal(self, post: Post) -> list[Sealed]:
        """The tenures of one post that are over and were not sealed yet."""
        over = [each for each in ended(post, clock.now()) if not self._archive.is_sealed(each.id)]
        return [self._seal(each) for each in over]

    def _seal(self, tenure: Tenure) -> Sealed:
        papers = self._held(tenure.post, tenure.end)
        return self._archive.seal(tenure, self._store.open(tenure.post), papers)

    def _note_all(self) -> None:
        if not self._all:
            return
        try:
            self.note(post.id for post in self._directory.posts())
        except Fault as fault:
            log.warning("tenures_wait", reason=fault.text)
        else:
            self._all = False
            self._archive.retention.finish()

    def _look(self, key: AccountId) -> None:
        try:
            for sealed in self.seal(self._directory.post(key)):
                log.info(
                    "tenure_sealed", post=key, tenure=sealed.tenure.id, messages=sealed.messages, papers=sealed.papers
                )
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:  # most changes are of other things than posts
                log.warning("tenure_not_sealed", post=key, reason=fault.text)
