"""regex: POSIX extended regular expressions, matched in linear time.  draft-ietf-sieve-regex"""

from odmail.sieve.declare import Extension, TagOf

EXTENSION = Extension(
    "regex", "draft-ietf-sieve-regex", more=((("match",), TagOf("regex", group="match type", requires="regex")),)
)
