"""What the history is told of deliveries, and of mail that was not taken."""

from odmail.delivery.ports import Outcome
from odmail.filter.case import Case
from odmail.history.model import Event
from odmail.queue.api import Settled
from odmail.queue.model import Status
from odmail.queue.told import findings, instant, said
from odmail.queue.verdict import Verdict

_WORDS = {Status.DELIVERED: "delivered", Status.FAILED: "failed", Status.WAITING: "deferred", Status.HELD: "held"}


def settled(id: str, recipient: str, led_to: str, outcome: Outcome, entry: Settled) -> Event:
    """One attempt for one recipient; `led_to` is where an alias or post led."""
    to = "" if led_to.lower() == recipient.lower() else led_to
    facts = {
        "recipient": recipient,
        "to": to,
        "reply": outcome.reply,
        "why": outcome.why,
        "host": outcome.host,
        "tls": outcome.tls,
        "next": entry.due if entry.status is Status.WAITING else 0,
    }
    return Event(id, instant(), _WORDS[entry.status], said(facts), (to,))


def reported(id: str, report: str, action: str, count: int) -> Event:
    """The sender was told."""
    return Event(id, instant(), "reported", {"as": report, "action": action, "recipients": count})


def judged(case: Case, decisive: str) -> Event:
    """Checks said no: all that they found until then."""
    facts = {
        "sender": case.envelope.sender,
        "client": case.origin.address,
        "by": decisive,
        "score": round(case.score, 2),
        "findings": findings(case.findings),
    }
    names = (case.envelope.sender, *(each.address for each in case.envelope.recipients))
    return Event(case.origin.session, instant(), "judged", said(facts), names)


def why(verdict: Verdict | None) -> str:
    """Why a letter went into Junk."""
    if verdict is None or not verdict.junk:
        return ""
    return f"junk, score {verdict.score:.1f}: " + "; ".join(findings(each for each in verdict.findings if each.score))
