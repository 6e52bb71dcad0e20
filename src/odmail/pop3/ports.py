"""What the POP3 engine asks of the world around it.  RFC 1939"""

from collections.abc import Callable

import msgspec

from odcore.directory.model import AccountRef
from odcore.identity.api import SignIn
from odcore.identity.presence import Presence
from odcore.session.ports import Call
from odmail.mailbox.api import MailAccount


class House(msgspec.Struct, frozen=True):
    """What all sessions of a process share. `open` blocks: it may make the account."""

    sign_in: SignIn
    open: Callable[[AccountRef], MailAccount]
    call: Call
    presence: Presence = msgspec.field(default_factory=Presence)
    measure: Callable[[str, str, float], None] = lambda _verb, _outcome, _seconds: None  # told of each command
