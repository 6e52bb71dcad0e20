"""Delivery status notifications: what became of a message, for its sender.  RFC 3461, RFC 3464, RFC 6533

A17: of the message only so much goes back as the sender asked for and as is small; what peers and clients said stands
on one line of printable characters.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

import msgspec

from odcore import clock, ids
from odmail.delivery.bodies import Leaving
from odmail.delivery.ports import Outcome
from odmail.delivery.trace import return_path
from odmail.message.compose import Fields, address_field, delivery_report, field, message
from odmail.queue.api import Leased
from odmail.queue.model import Recipient

MOST_RETURNED = 256 * 1024
MOST_HEADER = 32 * 1024

_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


class Action(msgspec.Struct, frozen=True):
    """What is reported, as the status part and as a person reads it."""

    name: str
    subject: str
    text: str


FAILED = Action("failed", "Mail could not be delivered", "could not be delivered to the following recipients:")
DELAYED = Action(
    "delayed",
    "Mail is delayed",
    "could not be delivered yet to the following recipients. Nothing needs to be done: delivery is tried again.",
)
DELIVERED = Action(
    "delivered", "Mail was delivered", "was delivered to the following recipients, as you asked to know:"
)
RELAYED = Action(
    "relayed",
    "Mail was handed on",
    "was handed on for the following recipients to a server that may not report what becomes of it:",
)
EXPANDED = Action("expanded", "Mail was sent to a list", "was sent to the members of the following lists:")


class Told(msgspec.Struct, frozen=True):
    """One recipient and what came of it."""

    recipient: Recipient
    outcome: Outcome


def compose(host: str, domain: str, leased: Leased, action: Action, told: Sequence[Told], until: int = 0) -> bytes:
    """A complete report to the message's sender, from somebody in `domain`; `until`: a delayed one is given up then."""
    original, full = _returned(leased)
    about = _about(host, leased)
    recipients = [_recipient(each, action, until) for each in told]
    fields = [
        address_field("From", [("Mail Delivery System", f"mailer-daemon@{domain}")]),
        address_field("To", [("", leased.message.envelope.sender)]),
        field("Subject", action.subject),
        field("Date", format_datetime(clock.now())),
        field("Message-ID", f"<{ids.uuid7()}@{host}>"),
        field("Auto-Submitted", "auto-replied"),  # RFC 3834 5
    ]
    report = delivery_report(_explanation(host, action, told), about, recipients, original, full)
    return return_path("") + message(fields, report)


def _explanation(host: str, action: Action, told: Sequence[Told]) -> str:
    lines = [f"This is the mail system of {host}.", "", f"Your message {action.text}", ""]
    for each in told:
        lines += [f"  <{_plain(each.recipient.address)}>", f"    {_plain(each.outcome.reply)}", ""]
    return "\n".join(lines)


def _about(host: str, leased: Leased) -> Fields:
    """RFC 3464 2.2"""
    fields = [("Reporting-MTA", f"dns; {host}")]
    if leased.message.envelope.envid:
        fields.append(("Original-Envelope-Id", leased.message.envelope.envid))
    return [*fields, ("Arrival-Date", _date(leased.message.accepted))]


def _recipient(each: Told, action: Action, until: int) -> Fields:
    """RFC 3464 2.3"""
    outcome = each.outcome
    kind = "rfc822" if each.recipient.address.isascii() else "utf-8"
    fields = [
        ("Original-Recipient", each.recipient.orcpt),
        ("Final-Recipient", f"{kind}; {each.recipient.address}"),
        ("Action", action.name),
        ("Status", _status(outcome)),
        ("Remote-MTA", f"dns; {outcome.host.partition(' ')[0]}" if outcome.host else ""),
        ("Diagnostic-Code", f"smtp; {outcome.reply}"),
        ("Last-Attempt-Date", format_datetime(clock.now())),
        ("Will-Retry-Until", _date(until) if until else ""),
    ]
    return [(name, value) for name, value in fields if value]


def _status(outcome: Outcome) -> str:
    """RFC 3463 2; what a peer gave counts only when it has that form."""
    return outcome.enhanced if _ENHANCED.fullmatch(outcome.enhanced) else f"{str(outcome.code)[:1]}.0.0"


def _returned(leased: Leased) -> tuple[bytes, bool]:
    """All of it when asked for and small, else its header (RFC 3461 4.3, 5.3; RFC 8689 5)."""
    body, envelope = Leaving(leased.body), leased.message.envelope
    if envelope.ret == "FULL" and not envelope.requiretls and body.size <= MOST_RETURNED:
        return body.read(), True
    start = body.read(0, MOST_HEADER)
    end = start.find(b"\r\n\r\n")
    return start[: (end if end >= 0 else start.rfind(b"\r\n")) + 2], False


def _date(instant: int) -> str:
    return format_datetime(datetime.fromtimestamp(instant, UTC))


def _plain(text: str) -> str:
    """One line, whatever it was."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:1000]
