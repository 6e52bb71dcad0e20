"""mime: tests look at a part's header, or a piece of it.  RFC 5703 4"""

from odmail.sieve.declare import Extension, TagOf, Takes

_TESTS = ("header", "address", "exists", "date")
_OPTION = "option"

EXTENSION = Extension(
    "mime",
    "5703",
    more=(
        (_TESTS, TagOf("mime", requires="mime")),
        (_TESTS, TagOf("anychild", requires="mime")),
        *((("header",), TagOf(name, group=_OPTION, requires="mime")) for name in ("type", "subtype", "contenttype")),
        (("header",), TagOf("param", Takes.STRINGS, group=_OPTION, requires="mime")),
    ),
)
