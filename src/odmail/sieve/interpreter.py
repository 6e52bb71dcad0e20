"""Runs scripts over a message, one after another while none of them cancels the implicit keep.  RFC 5228 2.10

Whatever goes wrong, the message is kept: what the scripts asked for before is forgotten, and the error is told.
"""

from collections.abc import Sequence
from contextlib import suppress

import msgspec

from odmail.sieve.actions import Filing, Outcome
from odmail.sieve.compiler import Program
from odmail.sieve.house import Envelope, Lookup
from odmail.sieve.mail import Mail
from odmail.sieve.model import RunError
from odmail.sieve.run import Break, Return, Run, Scope, Stop


class Script(msgspec.Struct, frozen=True):
    """A program by the name its owner gave it."""

    name: str
    program: Program


def interpret(
    scripts: Sequence[Script], mail: Mail, envelope: Envelope, lookup: Lookup, *, traced: bool = False
) -> Outcome:
    """What becomes of the message. Never raises RunError."""
    run = Run(mail, envelope, lookup, traced=traced)
    try:
        _run_all(scripts, run)
    except RunError as error:
        return Outcome((), Filing(), error=str(error), implicit=True, trace=tuple(run.trace or ()), cpu=run.cpu)
    except RecursionError:
        return Outcome((), Filing(), error="the script is nested too deeply", implicit=True, cpu=run.cpu)
    edited = mail.fields.block() if mail.fields.edited else None
    return Outcome(
        tuple(run.actions),
        _kept(run),
        tuple(run.remember),
        edited,
        implicit=run.keeps,
        trace=tuple(run.trace or ()),
        cpu=run.cpu,
    )


def _run_all(scripts: Sequence[Script], run: Run) -> None:
    for script in scripts:
        run.scope = Scope()
        if run.trace is not None:
            run.trace.append(f"script {script.name}")
        with suppress(Stop, Return, Break):
            script.program.start(run)
        if not run.keeps:
            return


def _kept(run: Run) -> Filing | None:
    if run.kept is not None:
        return Filing(flags=run.kept)
    return Filing(flags=run.flags) if run.keeps else None
