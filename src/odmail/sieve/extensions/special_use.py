"""special-use: the mailbox for drafts, junk and so on, whatever its name.  RFC 8579"""

from odmail.sieve.declare import Extension, Question, TagOf, Takes
from odmail.sieve.run import Condition, Run
from odmail.sieve.use import Use


def _exists(use: Use) -> Condition:
    """RFC 8579 3: all uses are there; with a mailbox, it has all of them."""
    mailbox = use.text(0) if len(use.positional) == 2 else None
    uses = use.texts(len(use.positional) - 1)

    def specialuse_exists(run: Run) -> bool:
        name = mailbox(run) if mailbox is not None else ""
        return all(run.lookup.special_use_exists(each, name) for each in uses(run))

    return specialuse_exists


EXTENSION = Extension(
    "special-use",
    "8579",
    questions=(Question("specialuse_exists", _exists, ((Takes.STRINGS,), (Takes.STRING, Takes.STRINGS))),),
    more=((("fileinto",), TagOf("specialuse", Takes.STRING, requires="special-use")),),
)
