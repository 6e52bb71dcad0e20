"""Faults as outcomes: what may be tried again and what is final.  RFC 3463"""

from odcore.errors import Fault, Kind
from odmail.delivery.ports import Outcome
from odmail.queue.model import Status

_FAULTS: dict[Kind, tuple[Status, int, str]] = {
    Kind.NOT_FOUND: (Status.FAILED, 550, "5.1.1"),
    Kind.EXISTS: (Status.FAILED, 550, "5.3.0"),
    Kind.DENIED: (Status.FAILED, 550, "5.7.1"),
    Kind.LOGIN: (Status.FAILED, 550, "5.7.8"),
    Kind.OVER_QUOTA: (Status.WAITING, 452, "4.2.2"),
    Kind.TOO_BIG: (Status.FAILED, 552, "5.3.4"),
    Kind.NO_SPACE: (Status.WAITING, 452, "4.3.1"),
    Kind.LIMIT: (Status.WAITING, 452, "4.3.1"),
    Kind.BAD_REQUEST: (Status.FAILED, 553, "5.1.3"),
    Kind.UNSUPPORTED: (Status.FAILED, 554, "5.3.3"),
    Kind.CONFLICT: (Status.WAITING, 451, "4.3.0"),
    Kind.EXPUNGED: (Status.FAILED, 550, "5.2.0"),
    Kind.IN_USE: (Status.WAITING, 450, "4.2.0"),
    Kind.HELD: (Status.FAILED, 550, "5.7.1"),
    Kind.TRY_LATER: (Status.WAITING, 451, "4.3.0"),
    Kind.INTERNAL: (Status.WAITING, 451, "4.3.0"),
}

BUSY = Outcome(Status.WAITING, 451, "4.4.5", "many messages are on their way already")
"""Not tried at all."""


def refused(fault: Fault) -> Outcome:
    """What a fault means for a recipient."""
    status, code, enhanced = _FAULTS[fault.kind]
    return Outcome(status, code, enhanced, fault.text)


def delivered(text: str) -> Outcome:
    """It worked."""
    return Outcome(Status.DELIVERED, 250, "2.0.0", text)


def failed(enhanced: str, text: str) -> Outcome:
    """It will never work."""
    return Outcome(Status.FAILED, 550, enhanced, text)


def deferred(enhanced: str, text: str) -> Outcome:
    """It may work later."""
    return Outcome(Status.WAITING, 451, enhanced, text)
