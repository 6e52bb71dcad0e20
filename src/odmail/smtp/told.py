"""What the history is told of a session: what it was refused."""

import re
from collections.abc import Sequence

from odmail.history.model import Event
from odmail.queue.model import Origin
from odmail.queue.told import instant, said
from odmail.smtp.types import Reply

_PATH = re.compile(r"<([^<>]{0,320})>")
_FEW = 20

TOLD = frozenset(("MAIL", "RCPT", "DATA", "BDAT", "AUTH"))
"""Verbs whose refusals somebody may ask for."""


def refused(origin: Origin, verb: str, argument: bytes, transaction: Sequence[str], reply: Reply) -> Event:
    """`transaction` is the sender, if there is one yet, and the recipients so far."""
    path = _PATH.search(argument.decode("utf-8", "replace")) if verb in ("MAIL", "RCPT") else None
    asked = path[1] if path else ""
    facts = {
        "verb": verb,
        "address": asked,
        "reply": f"{reply.code} {reply.enhanced} {reply.text}",
        "sender": transaction[0] if transaction else "",
        "recipients": transaction[1 : _FEW + 1],
        "service": origin.service,
        "client": origin.address,
        "helo": origin.helo,
        "tls": origin.tls,
        "person": origin.person,
    }
    names = (asked, *(transaction if verb not in ("MAIL", "RCPT") else transaction[:1]))
    return Event(origin.session, instant(), "refused", said(facts), names)
