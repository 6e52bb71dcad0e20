"""index: the nth field of a name, `:last` counts from the end.  RFC 5260 6"""

from odmail.sieve.declare import Extension, TagOf, Takes

_TESTS = ("header", "address", "date")

EXTENSION = Extension(
    "index",
    "5260",
    more=(
        (_TESTS, TagOf("index", Takes.NUMBER, requires="index")),
        (_TESTS, TagOf("last", requires="index")),
    ),
)
