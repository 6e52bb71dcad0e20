"""vacation, vacation-seconds: somebody is away and says so, once in a while.  RFC 5230, RFC 6131"""

from odmail.sieve.actions import Vacation
from odmail.sieve.declare import Extension, TagOf, Takes, Verb
from odmail.sieve.fcc import chosen_copy
from odmail.sieve.model import Number
from odmail.sieve.run import Run, Step
from odmail.sieve.use import Use

_DAY = 24 * 3600
_USUAL = 7 * _DAY
_MOST = 365 * _DAY
_LEAST = 60  # RFC 6131 2: ":seconds 0" asks for an answer each time; loops make that too dear


def _vacation(use: Use) -> Step:
    seconds = _seconds(use)
    reason, subject, sender = use.text(0), use.tag_text("subject"), use.tag_text("from")
    addresses, handle, copy = use.tag_texts("addresses"), use.tag_text("handle"), chosen_copy(use)
    mime = use.has("mime")

    def vacation(run: Run) -> None:
        action = Vacation(
            reason(run),
            seconds,
            " ".join(subject(run).split()),
            sender(run),
            addresses(run),
            mime,
            handle(run),
            copy(run),
        )
        run.act(action, copy=True)  # RFC 5230 4.1: the message itself is kept all the same

    return vacation


def _seconds(use: Use) -> int:
    given = use.given.get("days") or use.given.get("seconds")
    if not isinstance(given, Number):
        return _USUAL
    return min(max(given.value * (_DAY if use.has("days") else 1), _LEAST if use.has("seconds") else _DAY), _MOST)


EXTENSION = Extension(
    "vacation",
    "5230",
    also=("vacation-seconds",),
    extends=("vacation-seconds",),  # RFC 6131 3
    verbs=(
        Verb(
            "vacation",
            _vacation,
            ((Takes.STRING,),),
            tags=(
                TagOf("days", Takes.NUMBER, group="period"),
                TagOf("seconds", Takes.NUMBER, group="period", requires="vacation-seconds"),
                TagOf("subject", Takes.STRING),
                TagOf("from", Takes.STRING),
                TagOf("addresses", Takes.STRINGS),
                TagOf("mime"),
                TagOf("handle", Takes.STRING),
            ),
        ),
    ),
)
