"""relational: `:value` compares by order, `:count` by number.  RFC 5231"""

from odmail.sieve.declare import Extension, TagOf, Takes

EXTENSION = Extension(
    "relational",
    "5231",
    more=tuple(
        (("match",), TagOf(name, Takes.STRING, group="match type", requires="relational"))
        for name in ("value", "count")
    ),
)
