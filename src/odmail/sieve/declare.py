"""What an extension declares: its capability, its commands and tests, and tags it adds to those of others.

One extension is one file in `extensions/`, found by its folder. What stands in its `EXTENSION` feeds the compiler,
`require`, ManageSieve's SIEVE capability and the documents.
"""

import enum
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from odmail.sieve.run import Condition, Step

if TYPE_CHECKING:
    from odmail.sieve.use import Use


class Takes(enum.Enum):
    """What stands in an argument's place. A single string may stand for a list."""

    NUMBER = "a number"
    STRING = "a string"
    STRINGS = "a string list"


class Within(enum.Enum):
    """What follows the arguments."""

    NOTHING = "nothing"
    TEST = "one test"
    TESTS = "a list of tests"


class TagOf(msgspec.Struct, frozen=True):
    """A tag; of one `group` only one may be given. `requires` is the capability it comes with."""

    name: str
    takes: Takes | None = None
    group: str = ""
    requires: str = ""


class Verb(msgspec.Struct, frozen=True):
    """A command. `forms` are the positional arguments it may have, `block` whether one follows."""

    name: str
    compile: "Callable[[Use], Step]"
    forms: tuple[tuple[Takes, ...], ...] = ((),)
    tags: tuple[TagOf, ...] = ()
    block: bool = False
    matching: bool = False  # as of a Question
    requires: str = ""  # another capability than the extension's


class Question(msgspec.Struct, frozen=True):
    """A test. `matching`: it takes comparator and match type; `address`: and an address part."""

    name: str
    compile: "Callable[[Use], Condition]"
    forms: tuple[tuple[Takes, ...], ...] = ((),)
    tags: tuple[TagOf, ...] = ()
    within: Within = Within.NOTHING
    matching: bool = False
    address: bool = False
    requires: str = ""


class Extension(msgspec.Struct, frozen=True):
    """A capability. `more` are tags for commands and tests of others, by name; "match" means all that match,
    "address part" all with one."""

    name: str  # "" is the base language, always there
    rfc: str
    verbs: tuple[Verb, ...] = ()
    questions: tuple[Question, ...] = ()
    more: tuple[tuple[tuple[str, ...], TagOf], ...] = ()
    also: tuple[str, ...] = ()  # further capabilities declared here
    extends: tuple[str, ...] = ()  # those of `also` with which `name` is there as well
    address_parts: tuple[tuple[str, Callable[[str], str | None]], ...] = ()  # what such a tag takes of an address
    decode: Callable[[str], str] | None = None  # what strings mean with it; ValueError
