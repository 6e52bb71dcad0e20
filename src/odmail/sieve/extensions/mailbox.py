"""mailbox: is a mailbox there? `:create` makes it.  RFC 5490 3"""

from odmail.sieve.declare import Extension, Question, TagOf, Takes
from odmail.sieve.run import Condition
from odmail.sieve.use import Use


def _mailboxexists(use: Use) -> Condition:
    """All of them."""
    names = use.texts(0)
    return lambda run: all(run.lookup.mailbox_exists(name) for name in names(run))


EXTENSION = Extension(
    "mailbox",
    "5490",
    questions=(Question("mailboxexists", _mailboxexists, ((Takes.STRINGS,),)),),
    more=((("fileinto",), TagOf("create", requires="mailbox")),),
)
