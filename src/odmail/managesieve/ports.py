"""What the ManageSieve engine asks of the world around it."""

from collections.abc import Callable

import msgspec

from odcore.audit.api import Recorder
from odcore.directory.model import AccountRef
from odcore.identity.api import SignIn
from odcore.identity.presence import Presence
from odcore.session.ports import Call
from odmail.mailbox.api import MailAccount
from odmail.sieve.compiler import Warned


class House(msgspec.Struct, frozen=True):
    """What all sessions of a process share. `open` and `check` block."""

    sign_in: SignIn
    open: Callable[[AccountRef], MailAccount]
    check: Callable[[MailAccount, str], tuple[Warned, ...]]  # a script of the account; Fault BAD_REQUEST, TRY_LATER
    call: Call
    record: Recorder
    presence: Presence = msgspec.field(default_factory=Presence)
    measure: Callable[[str, str, float], None] = lambda _command, _outcome, _seconds: None  # told of each command
