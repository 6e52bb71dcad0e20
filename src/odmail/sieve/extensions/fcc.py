"""fcc: what a script sends is filed as well.  RFC 8580"""

from odmail.sieve.declare import Extension, TagOf, Takes

_SENDING = ("vacation", "notify")

EXTENSION = Extension(
    "fcc",
    "8580",
    more=(
        (_SENDING, TagOf("fcc", Takes.STRING, requires="fcc")),
        (_SENDING, TagOf("create", requires="mailbox")),
        (_SENDING, TagOf("flags", Takes.STRINGS, requires="imap4flags")),
        (_SENDING, TagOf("specialuse", Takes.STRING, requires="special-use")),
        (_SENDING, TagOf("mailboxid", Takes.STRING, requires="mailboxid")),
    ),
)
