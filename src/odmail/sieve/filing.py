"""Where a copy goes: a mailbox's name with the tags that `fileinto` and `:fcc` share.  RFC 5490, RFC 8579, RFC 9042"""

from collections.abc import Callable

from odmail.sieve.actions import Filing
from odmail.sieve.flags import chosen_flags, no_flags
from odmail.sieve.model import RunError
from odmail.sieve.run import Run
from odmail.sieve.template import Text
from odmail.sieve.use import Use

_LONGEST = 1000


def chosen_filing(use: Use, mailbox: Text) -> Callable[[Run], Filing]:
    """As its tags say. The flags gathered so far are the message's: a copy of what is sent has its own."""
    flags, create = chosen_flags(use), use.has("create")
    if use.has("fcc") and not use.has("flags"):
        flags = no_flags
    special_use, mailbox_id = use.tag_text("specialuse"), use.tag_text("mailboxid")
    if mailbox.constant is not None and not (create or use.has("specialuse") or use.has("mailboxid")):
        trouble = use.compiler.house.mailbox(mailbox.constant)
        if trouble:
            use.compiler.warn(trouble, use.place)

    def filing(run: Run) -> Filing:
        name = mailbox(run)
        if not name or len(name) > _LONGEST:
            raise RunError("a mailbox must have a name, and not too long a one")
        return Filing(name, flags(run), create, special_use(run), mailbox_id(run))

    return filing
