"""Mail that scripts write: answers of those who are away, notices, complaints.  RFC 3834, RFC 5230, RFC 5436"""

import re
from collections.abc import Iterable
from email.utils import format_datetime

import msgspec

from odcore import clock, ids
from odcore.errors import Fault
from odmail.delivery.trace import return_path
from odmail.message import header
from odmail.message.compose import address_field, field, message, text_part
from odmail.sieve.actions import Notify, Vacation
from odmail.sieve.mail import Fields
from odmail.sieve.mailto import read
from odmail.words import Say, Words, _

_LONGEST_SUBJECT = 300
_MOST_REFERENCES = 20
_ID = re.compile(r"<[^<>\s]{1,250}>")
_MACHINES = re.compile(
    r"(mailer-daemon|owner-.*|.*-request|.*-owner|listserv|majordomo|no-?reply|bounces?)(\+.*)?\Z", re.I
)


def answerable(fields: Fields, sender: str) -> str:
    """Why a message must not be answered automatically, "" when it may.  RFC 5230 4.6, RFC 3834 2"""
    if not sender or _MACHINES.match(sender.rpartition("@")[0]):
        return "it comes from a program"
    for each in fields.all:
        if each.name == "auto-submitted" and each.text.partition(";")[0].strip().lower() != "no":
            return "it was sent by a program"
        if each.name == "precedence" and each.text.strip().lower() in ("bulk", "list", "junk"):
            return "it was sent to many"
        if each.name.startswith("list-"):
            return "it was sent to a list"
        if each.name == "x-auto-response-suppress" and re.search(r"\b(all|oof|autoreply)\b", each.text, re.I):
            return "its sender wants no answer"
    return ""


def is_addressed(fields: Fields, addresses: Iterable[str]) -> bool:
    """Is one of these addresses named in the header? Else it came by a list or a blind copy.  RFC 5230 4.5"""
    known = {address.lower() for address in addresses}
    names = ("to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc")
    found = (address for name in names for each in fields.named(name) for address in each.addresses())
    return any(_plain(address) in known for address in found)


def vacation(host: str, sender: str, name: str, to: str, fields: Fields, action: Vacation) -> bytes:
    """A whole answer, from `sender`.  RFC 5230 5"""
    subject = action.subject or f"Auto: {subject_of(fields)}"
    head = [
        address_field("From", [(name, sender)]),
        address_field("To", [("", to)]),
        *_head(host, subject, "auto-replied (vacation)"),
        *_thread(fields),
    ]
    return return_path("") + (_mime(head, action.reason) if action.mime else message(head, text_part(action.reason)))


def notice(host: str, sender: str, name: str, fields: Fields, action: Notify) -> tuple[tuple[str, ...], bytes] | None:
    """To whom, and a whole notice; None when the method is none.  RFC 5436 2.7"""
    target = read(action.method)
    if target is None:
        return None
    subject = action.message or target.subject or f"New mail: {subject_of(fields)}"
    level = {1: ("1 (High)", "High"), 2: ("3 (Normal)", "Normal"), 3: ("5 (Low)", "Low")}[action.importance]
    head = [
        address_field("From", [(name, sender)]),
        address_field("To", [("", each) for each in target.to]),
        *_head(host, subject, "auto-notified"),
        field("X-Priority", level[0]),
        field("Importance", level[1]),
    ]
    text = target.body or f"From: {_first(fields, 'from')}\nSubject: {subject_of(fields)}"
    return target.to, return_path("") + message(head, text_part(text))


class Flaw(msgspec.Struct, frozen=True):
    """A script that went wrong, why, and the subject of the message it was about."""

    script: str
    reason: str
    subject: str


def complaint(host: str, domain: str, to: str, words: Words, flaw: Flaw) -> bytes:
    """For the owner of a script that went wrong."""
    head = [
        address_field("From", [("Mail filter", f"mailer-daemon@{domain}")]),
        address_field("To", [("", to)]),
        *_head(host, words.first(_("Your mail filter has an error")), "auto-generated"),
    ]
    text = words.each(lambda say: _about(say, flaw))
    return return_path("") + message(head, text_part(text, language=words.tag))


def _about(say: Say, flaw: Flaw) -> str:
    kept = say(_('The message "{subject}" was kept in your inbox, and so will others be until the script is mended.'))
    return "\n".join(
        (
            say(_('The filter script "{name}" could not be carried out:')).format(name=flaw.script),
            "",
            f"    {flaw.reason}",
            "",
            kept.format(subject=flaw.subject),
            say(_("You will be told once a day.")),
        )
    )


def _head(host: str, subject: str, submitted: str) -> list[bytes]:
    return [
        field("Subject", " ".join(subject.split())[:_LONGEST_SUBJECT]),
        field("Date", format_datetime(clock.now())),
        field("Message-ID", f"<{ids.uuid7()}@{host}>"),
        field("Auto-Submitted", submitted),
        field("X-Auto-Response-Suppress", "All"),
    ]


def _mime(head: list[bytes], reason: str) -> bytes:
    """`:mime`: the reason is an entity with its own header.  RFC 5230 4.3"""
    octets = reason.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "replace")
    block, _, body = octets.partition(b"\r\n\r\n")
    block += b"\r\n"
    kept = [block[start:end] for name, start, end in header.spans(block) if name.startswith(b"content-")]
    return message(head, b"".join([*kept, b"\r\n", body, b"" if body.endswith(b"\r\n") else b"\r\n"]))


def _thread(fields: Fields) -> list[bytes]:
    """RFC 5230 5.8"""
    own = _ID.findall(_first(fields, "message-id"))[:1]
    if not own:
        return []
    before = _ID.findall(_first(fields, "references") or _first(fields, "in-reply-to"))
    references = " ".join([*before[-_MOST_REFERENCES:], *own])
    try:
        return [field("In-Reply-To", own[0]), field("References", references)]
    except Fault:
        return []


def subject_of(fields: Fields) -> str:
    """On one line, not too long."""
    return " ".join(_first(fields, "subject").split())[:_LONGEST_SUBJECT]


def _first(fields: Fields, name: str) -> str:
    found = fields.named(name)
    return found[0].text if found else ""


def _plain(address: str) -> str:
    """Without a "+detail"."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
