"""body: what the message says.  RFC 5173"""

from collections.abc import Iterator
from functools import partial

from odmail.sieve.declare import Extension, Question, TagOf, Takes
from odmail.sieve.mail import Entity
from odmail.sieve.run import Condition, Run
from odmail.sieve.use import Use

_XHTML = "application/xhtml+xml"


def _body(use: Use) -> Condition:
    matcher, types = use.matcher(0), use.tag_texts("content")

    def body(run: Run) -> bool:
        before = run.scope.matches
        found = matcher.any(run, _values(use, run, types(run)))
        run.scope.matches = before  # RFC 5173 6: no match variables come of this test
        return found

    return body


def _values(use: Use, run: Run, types: tuple[str, ...]) -> Iterator[str]:
    if not run.mail.has_body:
        return
    if use.has("raw"):
        yield run.decoded(run.mail, "raw", run.mail.raw)
    elif use.has("content"):
        yield from _contents(run, types)
    else:
        yield from _texts(run)


def _texts(run: Run) -> Iterator[str]:
    """RFC 5173 5.3: what a person reads, XHTML included."""
    for entity in run.mail.within:
        if entity.part.kind == "text" or entity.type == _XHTML:
            yield run.decoded(entity, "text", entity.text)


def _contents(run: Run, wanted: tuple[str, ...]) -> Iterator[str]:
    for entity in run.mail.within:
        if not any(_is_type(entity, each.lower()) for each in wanted):
            continue
        if entity.part.kind == "multipart":
            yield from entity.around
        else:
            yield run.decoded(entity, "content", partial(_content, entity))


def _is_type(entity: Entity, wanted: str) -> bool:
    """RFC 5173 5.2: "" is any, "text" all its subtypes; a slash at either end makes it match nothing."""
    if not wanted:
        return True
    if wanted.startswith("/") or wanted.endswith("/") or wanted.count("/") > 1:
        return False
    return wanted == (entity.type if "/" in wanted else entity.part.kind)


def _content(entity: Entity, most: int) -> str:
    """Of a message in the message its header."""
    if entity.part.kind == "message" and entity.part.children:
        return entity.children[0].fields.block().decode("utf-8", "replace")[:most].removesuffix("\r\n")
    return entity.content(most)


EXTENSION = Extension(
    "body",
    "5173",
    questions=(
        Question(
            "body",
            _body,
            ((Takes.STRINGS,),),
            tags=(
                TagOf("raw", group="transform"),
                TagOf("content", Takes.STRINGS, group="transform"),
                TagOf("text", group="transform"),
            ),
            matching=True,
        ),
    ),
)
