"""All checks in their order, up to the first that says no; then what they add up to."""

from collections.abc import Iterator, Sequence

import structlog

from odcore.errors import Fault
from odmail.filter.case import Case
from odmail.filter.check import Check, Tools
from odmail.filter.settings import FilterSettings
from odmail.queue.verdict import Action, Finding, Verdict

log = structlog.get_logger()


def weigh(case: Case, tools: Tools, checks: Sequence[Check]) -> Finding | None:
    """The finding that refuses the message or makes it wait, None when it may come in. `case` gathers all findings."""
    decisive = next((each for each in case.findings if each.action >= Action.DEFER), None)
    for check in checks:
        if decisive is not None:
            break
        if check.outside and not case.outside:
            continue
        for finding in _run(check, case, tools):
            case.findings.append(finding)
            if finding.action >= Action.DEFER:
                decisive = finding
    if decisive is None and case.outside and case.score >= tools.settings.refuse_score:
        decisive = Finding("score", "reached", "too much speaks against this message", action=Action.REFUSE)
        case.findings.append(decisive)
    return decisive


def verdict(case: Case, settings: FilterSettings) -> Verdict:
    """For a message that comes in."""
    junk = case.score >= settings.junk_score or any(each.action is Action.JUNK for each in case.findings)
    return Verdict(tuple(case.findings), round(case.score, 2), junk)


def _run(check: Check, case: Case, tools: Tools) -> Iterator[Finding]:
    """A bug in one check must not stop all mail: it is told, and the others decide."""
    try:
        yield from check.run(case, tools)
    except Fault:
        raise
    except Exception:
        log.exception("check_failed", check=check.name, session=case.origin.session)
