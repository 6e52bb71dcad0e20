"""What the history is told of a message that came into the queue."""

import re
from collections.abc import Iterable, Mapping

from odcore import clock
from odmail.history.model import MOST_NAMES, Event
from odmail.queue.api import Accept
from odmail.queue.verdict import Finding, Verdict

_LOOKED_AT = 32_768
_MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^>\r\n]{1,990}>)", re.IGNORECASE | re.MULTILINE)
_FEW = 20
"""Recipients named in the event; all are names it is found by."""


def accepted(id: str, options: Accept) -> Event:
    """From where, from whom, to whom, and what the checks at the door found."""
    envelope, origin = options.envelope, options.origin
    recipients = [each.address for each in envelope.recipients]
    message_id = _message_id(options)
    facts = {
        "message_id": message_id,
        "sender": envelope.sender,
        "recipients": recipients[:_FEW],
        "count": len(recipients),
        "size": options.source.size,
        "service": origin.service,
        "client": origin.address,
        "helo": origin.helo,
        "tls": origin.tls,
        "session": origin.session,
        "person": origin.person,
        "account": origin.account,
        "list": origin.via,
        "of": options.parent,
        "held": options.held,
        "due": options.due,
        "requiretls": envelope.requiretls,
        **(judgement(origin.verdict) if origin.verdict and not options.parent else {}),
    }
    names = (message_id, envelope.sender, options.parent, *recipients[:MOST_NAMES])
    return Event(id, instant(), "accepted", said(facts), names)


def judgement(verdict: Verdict) -> dict[str, object]:
    """The findings of a verdict, and what they add up to."""
    return {"score": round(verdict.score, 2), "junk": verdict.junk, "findings": findings(verdict.findings)}


def findings(found: Iterable[Finding]) -> list[str]:
    """One line for each: "spf=fail (not permitted) +2.5 refuse"."""
    return [_line(each) for each in found]


def said(facts: Mapping[str, object]) -> dict[str, object]:
    """Those that say something."""
    return {name: value for name, value in facts.items() if value not in ("", None, False, 0, [], ())}


def instant() -> float:
    """Now, to the millisecond."""
    return round(clock.now().timestamp(), 3)


def _line(finding: Finding) -> str:
    words = [f"{finding.check}={finding.result}"]
    if finding.reason:
        words.append(f"({finding.reason})")
    if finding.score:
        words.append(f"{finding.score:+.1f}")
    if finding.action:
        words.append(finding.action.name.lower())
    return " ".join(words)


def _message_id(options: Accept) -> str:
    view = options.source.view()
    block = bytes(view[:_LOOKED_AT]).partition(b"\r\n\r\n")[0]
    found = _MESSAGE_ID.search(block)
    return found[1].decode("utf-8", "replace") if found else ""
