"""Attachments that do harm: programs, macros, disk images, names that lie, archives nobody can look into.  A70

Names are looked at in every spelling a mail program may show, contents by their first octets, archives inside out.
"""

import re
from collections.abc import Iterable, Iterator
from functools import partial

from odmail.filter.attachment import kinds
from odmail.filter.attachment.budget import Budget
from odmail.filter.attachment.walk import START, Found, walk
from odmail.filter.case import Case
from odmail.filter.check import Check, Tools
from odmail.message import header, parameters, transfer
from odmail.message.model import Part
from odmail.queue.verdict import Action, Finding

_MOST_PARTS = 1_000
_PLAIN = re.compile(rb"(?im)^content-(?:type[ \t]*+:[ \t]*+(?!text/(?:plain|html)\b)|disposition[ \t]*:)|\bname[*=]")
_NAMED = ((b"content-disposition", b"filename"), (b"content-type", b"name"))


def check(case: Case, tools: Tools) -> Iterable[Finding]:
    """One finding for each kind that is there."""
    if _PLAIN.search(case.header) is None:  # one readable part
        return
    refused, junk = tools.settings.refuse_attachments, tools.settings.junk_attachments
    told: set[str] = set()
    for found in _found(case):
        if found.kind in told:
            continue
        told.add(found.kind)
        name = "".join(letter if letter.isprintable() else "?" for letter in found.name[-200:])
        if found.kind in refused:
            yield Finding("attachment", found.kind, f"{name}: not accepted here", 10.0, Action.REFUSE)
            return
        yield Finding("attachment", found.kind, name, 0.0, Action.JUNK if found.kind in junk else Action.NONE)


def _found(case: Case) -> Iterator[Found]:
    budget = Budget()
    for part in _leaves(case.parsed.part):
        names = _names(case.read(part.header_start, min(part.body_start - part.header_start, header.MAX_BLOCK)))
        for name in names[1:]:  # what else it is called
            yield from (Found(kind, name) for kind in kinds.by_name(name))
        if part.kind == "text" and not names:
            continue
        start = _start(case, part)
        yield from walk(names[0] if names else "attachment", start, partial(_octets, case, part), budget)


def _leaves(root: Part) -> Iterator[Part]:
    waiting = [root]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        if part.children:
            waiting.extend(reversed(part.children))
        else:
            yield part


def _names(block: bytes) -> list[str]:
    """Every name a part gives itself, as it is: with the signs that mail programs hide."""
    fields = header.index(block, {b"content-disposition", b"content-type"})
    found: list[str] = []
    for field, parameter in _NAMED:
        if field in fields:
            _, values = parameters.parse(fields[field])
            for each in (values, parameters.joined(values)):
                name = parameters.text(each, parameter)
                if name:
                    found.append(name)
    return list(dict.fromkeys(found))


def _start(case: Case, part: Part) -> bytes:
    """The first octets: two for one is more than any encoding needs."""
    length = min(part.end - part.body_start, 2 * START)
    return transfer.decode(case.read(part.body_start, length), part.encoding)[:START]


def _octets(case: Case, part: Part) -> bytes:
    return transfer.decode(case.read(part.body_start, part.end - part.body_start), part.encoding)


CHECK = Check("attachments", 10, check)
