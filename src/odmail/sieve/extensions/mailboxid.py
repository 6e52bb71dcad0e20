"""mailboxid: a mailbox by what never changes.  RFC 9042"""

from odmail.sieve.declare import Extension, Question, TagOf, Takes
from odmail.sieve.run import Condition
from odmail.sieve.use import Use


def _exists(use: Use) -> Condition:
    """All of them."""
    ids = use.texts(0)
    return lambda run: all(run.lookup.mailbox_id_exists(each) for each in ids(run))


EXTENSION = Extension(
    "mailboxid",
    "9042",
    questions=(Question("mailboxidexists", _exists, ((Takes.STRINGS,),)),),
    more=((("fileinto",), TagOf("mailboxid", Takes.STRING, requires="mailboxid")),),
)
