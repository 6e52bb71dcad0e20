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
from odmail.message.compose import Fields, address_field, delivery_report, field, message, text_part
from odmail.queue.api import Leased
from odmail.queue.model import Recipient
from odmail.words import Say, Words, _

MOST_RETURNED = 256 * 1024
MOST_HEADER = 32 * 1024

_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


class Action(msgspec.Struct, frozen=True):
    """What is reported, as the status part and as a person reads it."""

    name: str
    subject: str
    text: str


FAILED = Action(
    "failed",
    _("Mail could not be delivered"),
    _("Your message could not be delivered to the following recipients:"),
)
DELAYED = Action(
    "delayed",
    _("Mail is delayed"),
    _(
        "Your message could not be delivered yet to the following recipients. "
        "You need not do anything: delivery is tried again."
    ),
)
DELIVERED = Action(
    "delivered",
    _("Mail was delivered"),
    _("Your message was delivered to the following recipients, as you asked to be told:"),
)
RELAYED = Action(
    "relayed",
    _("Mail was handed on"),
    _("Your message was handed on for the following recipients to a server that may not report what becomes of it:"),
)
EXPANDED = Action(
    "expanded",
    _("Mail was sent to a list"),
    _("Your message was sent to the members of the following lists:"),
)

_REASONS = {
    "1.1": _("Nobody has this address. Look for a spelling mistake."),
    "1.2": _("This domain does not exist. Look for a spelling mistake."),
    "1.10": _("This domain takes no mail."),
    "2.1": _("This mailbox is closed."),
    "2.2": _("The mailbox is full."),
    "3.4": _("The message is too large."),
    "4.1": _("The recipient's server does not answer."),
    "4.4": _("The way to the recipient's server is not known."),
    "4.6": _("The message goes around in a circle."),
    "6.7": _("The recipient's server does not know addresses in letters other than English ones."),
    "7.1": _("The recipient's server refuses the message."),
    "7.4": _("A safe connection is required, and the recipient's server offers none."),
    "7.5": _("The recipient's server could not prove whose it is."),
    "7.30": _("A safe connection is required, and the recipient's server offers none."),
}
"""What a person can make of the numbers of RFC 3463 and RFC 5248; a reply follows in any case."""


class Told(msgspec.Struct, frozen=True):
    """One recipient and what came of it."""

    recipient: Recipient
    outcome: Outcome


class Report(msgspec.Struct, frozen=True):
    """What is to be told. `until`: a delayed message is given up then."""

    action: Action
    told: Sequence[Told]
    until: int = 0


def compose(host: str, domain: str, words: Words, leased: Leased, report: Report) -> bytes:
    """A complete one to the message's sender, from somebody in `domain`; only what is for people is translated."""
    action = report.action
    original, full = _returned(leased)
    about = _about(host, leased)
    recipients = [_recipient(each, action, report.until) for each in report.told]
    fields = [
        address_field("From", [("Mail Delivery System", f"mailer-daemon@{domain}")]),
        address_field("To", [("", leased.message.envelope.sender)]),
        field("Subject", words.first(action.subject)),
        field("Date", format_datetime(clock.now())),
        field("Message-ID", f"<{ids.uuid7()}@{host}>"),
        field("Auto-Submitted", "auto-replied"),  # RFC 3834 5
    ]
    text = text_part(words.each(lambda say: _explanation(say, host, report)), language=words.tag)
    return return_path("") + message(fields, delivery_report(text, about, recipients, original, full))


def _explanation(say: Say, host: str, report: Report) -> str:
    lines = [say(_("This is the mail system of {host}.")).format(host=host), "", say(report.action.text), ""]
    for each in report.told:
        lines.append(f"  <{_plain(each.recipient.address)}>")
        reason = _REASONS.get(_status(each.outcome).partition(".")[2]) if report.action in (FAILED, DELAYED) else None
        if reason:
            lines.append(f"    {say(reason)}")
        lines += [f"    {_plain(each.outcome.reply)}", ""]
    if report.until:
        when = datetime.fromtimestamp(report.until, UTC).astimezone()
        lines.append(
            say(_("If nothing helps, it is given up on {day} at {time}, and you are told.")).format(
                day=f"{when:%d-%m-%Y}", time=f"{when:%H:%M %Z}"
            )
        )
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
