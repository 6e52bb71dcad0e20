"""What the IMAP engine asks of the world around it."""

from collections.abc import Callable, Hashable
from typing import Any, Protocol

import msgspec

from odcore.audit.api import Recorder
from odcore.directory.model import AccountRef
from odcore.identity.api import Access, SignIn
from odcore.identity.presence import Presence
from odcore.ids import AccountId
from odcore.session import ports
from odcore.session.ports import Call
from odcore.sharing.api import Sharing
from odmail.imap.settings import ImapSettings
from odmail.mailbox.api import MailAccount
from odmail.mailbox.changes import AnnotationHint, Hint


class Connection(ports.Connection, Protocol):
    """One client's socket."""

    @property
    def compressed(self) -> bool:
        """Is it compressed?"""

    def compress(self) -> None:
        """What was written goes out as it is; everything after it, both ways, is compressed.  RFC 4978"""


class Listener(Protocol):
    """A session with a mailbox selected."""

    def heard(self, hint: Hint | AnnotationHint) -> None:
        """The mailbox moved on."""


class Keep(Protocol):
    """Things kept from one command to the next, as long as there is room, that nobody changes."""

    def get(self, key: Hashable, /) -> Any:
        """What is kept under the key, or None."""

    def put(self, key: Hashable, value: Any, octets: int, /) -> None:
        """Keep it."""


ANY = -1
"""For `Watch.add`: every mailbox of the account, and the list of them."""


class Watch:
    """Who has which mailbox selected, or watches which account, so that a hint finds its sessions."""

    def __init__(self) -> None:
        self._listeners: dict[tuple[AccountId, int], list[Listener]] = {}

    def add(self, account: AccountId, mailbox: int, listener: Listener) -> None:
        """From now on `listener` hears of this mailbox."""
        self._listeners.setdefault((account, mailbox), []).append(listener)

    def remove(self, account: AccountId, mailbox: int, listener: Listener) -> None:
        """No longer."""
        listeners = self._listeners.get((account, mailbox), [])
        if listener in listeners:
            listeners.remove(listener)
        if not listeners:
            self._listeners.pop((account, mailbox), None)

    def tell(self, hint: Hint | AnnotationHint) -> None:
        """Pass a hint on to those it concerns, each once."""
        found = [*self._listeners.get((hint.account, hint.mailbox), ()), *self._listeners.get((hint.account, ANY), ())]
        for listener in dict.fromkeys(found):
            listener.heard(hint)


class House(msgspec.Struct, frozen=True):
    """What all sessions of a process share. `open` blocks: it may make the account and tells the store its quota."""

    settings: ImapSettings
    sign_in: SignIn
    access: Access
    sharing: Sharing
    open: Callable[[AccountRef], MailAccount]
    call: Call
    watch: Watch
    record: Recorder  # the audit trail
    keep: Keep  # for SORT and THREAD
    contact: Callable[[], str] = lambda: ""  # where its administrators are reached: a URI. Blocks
    presence: Presence = msgspec.field(default_factory=Presence)
    check_space: Callable[[], None] = lambda: None  # Fault LIMIT while the disk is nearly full
    measure: Callable[[str, str, float], None] = lambda _command, _outcome, _seconds: None  # told of each command
    quick: Call | None = None  # `call` for a few rows that are nearly always in memory
