"""editheader: addheader, deleteheader.  RFC 5293"""

import re

from odcore.errors import Fault
from odmail.message import compose
from odmail.sieve import limits
from odmail.sieve.actions import REDIRECTED
from odmail.sieve.declare import Extension, TagOf, Takes, Verb
from odmail.sieve.mail import Field
from odmail.sieve.model import RunError
from odmail.sieve.run import Run, Step
from odmail.sieve.use import Use

_NAME = re.compile(r"[!-9;-~]{1,100}\Z")
_PROTECTED = frozenset({"received", "auto-submitted", "return-path", "authentication-results", REDIRECTED.lower()})
"""RFC 5293 4: what tells where a message has been, and guards against loops, stays."""


def _addheader(use: Use) -> Step:
    name, value, last = use.text(0), use.text(1), use.has("last")
    if name.constant is not None:
        _check_name(use, name.constant)

    def addheader(run: Run) -> None:
        key = name(run)
        if not _NAME.match(key) or key.lower() in _PROTECTED:
            raise RunError(f"the field {key[:100]!r} cannot be added")
        run.added += 1
        if run.added > limits.HEADERS_ADDED:
            raise RunError(f"more than {limits.HEADERS_ADDED} fields added")
        text = " ".join("".join(" " if ord(each) < 32 or ord(each) == 127 else each for each in value(run)).split())
        if len(text.encode("utf-8", "surrogateescape")) > limits.FIELD:
            raise RunError("a field that long cannot be added")
        try:
            raw = compose.field(key, text)
        except Fault as fault:
            raise RunError(fault.text) from None
        run.mail.fields.add(key, raw, last=last)

    return addheader


def _deleteheader(use: Use) -> Step:
    """RFC 5293 5: all fields of the name, or those whose value matches, or the nth of them."""
    name = use.text(0)
    if name.constant is not None:
        _check_name(use, name.constant)
    index, last = use.tag_number("index"), use.has("last")
    if last and not index:
        raise use.fail(":last needs :index")
    matcher = use.matcher(1) if len(use.positional) == 2 else None
    if matcher is None and any(use.has(tag) for tag in ("is", "contains", "matches", "value", "regex", "comparator")):
        raise use.fail("a match type needs patterns")
    if matcher is not None and matcher.counts and index:
        raise use.fail(":count and :index exclude each other")

    def deleteheader(run: Run) -> None:
        key = name(run)
        if key.lower() in _PROTECTED:
            raise RunError(f"the field {key[:100]!r} cannot be deleted")
        for field in _chosen(run.mail.fields.named(key), index, last=last):
            if matcher is None or matcher.any(run, (field.text,)):
                run.mail.fields.remove(field)

    return deleteheader


def _chosen(found: list[Field], index: int, *, last: bool) -> list[Field]:
    if not index:
        return found
    at = len(found) - index if last else index - 1
    return found[at : at + 1] if at >= 0 else []


def _check_name(use: Use, name: str) -> None:
    if not _NAME.match(name):
        raise use.fail(f"{name[:100]!r} is no name of a header field", use.positional[0].place)
    if name.lower() in _PROTECTED:
        raise use.fail(f"the field {name} is not for scripts to change", use.positional[0].place)


EXTENSION = Extension(
    "editheader",
    "5293",
    verbs=(
        Verb("addheader", _addheader, ((Takes.STRING, Takes.STRING),), tags=(TagOf("last"),)),
        Verb(
            "deleteheader",
            _deleteheader,
            ((Takes.STRING,), (Takes.STRING, Takes.STRINGS)),
            tags=(TagOf("index", Takes.NUMBER), TagOf("last")),
            matching=True,
        ),
    ),
)
