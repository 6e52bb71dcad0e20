"""body: what the message says.  RFC 5173"""

from collections.abc import Iterator
from functools import partial

from odmail.sieve.declare import Extension, Question, TagOf, Takes
from odmail.sieve.mail import Entity
from odmail.sieve.run import Condition, Run
from odmail.sieve.use import Use


def _body(use: Use) -> Condition:
    matcher, types = use.matcher(0), use.tag_texts("content")
    wanted = tuple(each.constant or "" for each in types)
    if use.has("raw"):
        return lambda run: matcher.any(run, [run.decoded(run.mail, "raw", run.mail.raw)])
    if use.has("content"):
        return lambda run: matcher.any(run, _contents(run, wanted))
    return lambda run: matcher.any(run, _texts(run))


def _texts(run: Run) -> Iterator[str]:
    for entity in run.mail.within:
        if entity.part.kind == "text":
            yield run.decoded(entity, "text", entity.text)


def _contents(run: Run, wanted: tuple[str, ...]) -> Iterator[str]:
    for entity in run.mail.within:
        if any(_is_type(entity, each.lower()) for each in wanted):
            yield run.decoded(entity, "content", partial(_content, entity))


def _is_type(entity: Entity, wanted: str) -> bool:
    """RFC 5173 5.2: "" is any, "text" all its subtypes; a slash at either end makes it match nothing."""
    if not wanted:
        return True
    if wanted.startswith("/") or wanted.endswith("/") or wanted.count("/") > 1:
        return False
    return wanted == (entity.type if "/" in wanted else entity.part.kind)


def _content(entity: Entity, most: int) -> str:
    """Of a multipart what is around its parts; of a message in the message its header."""
    if entity.part.kind == "multipart":
        return entity.around(most)
    if entity.part.kind == "message" and entity.part.children:
        return entity.children[0].fields.block().decode("utf-8", "replace")
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
