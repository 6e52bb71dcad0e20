"""Invitations, answers and cancellations as mail: words for people, the same for programs, and a file.  RFC 6047 2"""

from base64 import encodebytes
from email.utils import format_datetime
from urllib.parse import quote

from odcore import clock
from odcore.blob.incoming import Memory
from odcore.imip import Letter
from odmail.delivery.marks import Marks
from odmail.delivery.trace import return_path
from odmail.message.compose import address_field, field, message, multipart, text_part
from odmail.queue.api import Accept, Queue
from odmail.queue.model import Envelope, Origin, Recipient
from odmail.words import Say, Words, _

_LONGEST_SUBJECT = 200

_SUBJECTS = {
    "REQUEST": _("Invitation: {subject}"),
    "CANCEL": _("Cancelled: {subject}"),
    "COUNTER": _("Another time proposed: {subject}"),
    "DECLINECOUNTER": _("The time stays: {subject}"),
    "REFRESH": _("Please send again: {subject}"),
    "ADD": _("One more date: {subject}"),
    "ACCEPTED": _("Accepted: {subject}"),
    "DECLINED": _("Declined: {subject}"),
    "TENTATIVE": _("Perhaps: {subject}"),
    "DELEGATED": _("Delegated: {subject}"),
    "REPLY": _("Answer: {subject}"),
    "CHANGED": _("Changed: {subject}"),
}
_SENTENCES = {
    "REQUEST": _("{name} invites you."),
    "CANCEL": _("{name} has cancelled this. Your program can take it out of your calendar."),
    "COUNTER": _("{name} proposes another time."),
    "DECLINECOUNTER": _("{name} stays with the time that was set."),
    "REFRESH": _("{name} asks for the latest state of the invitation."),
    "ADD": _("{name} has added one more date."),
    "ACCEPTED": _("{name} has accepted."),
    "DECLINED": _("{name} has declined."),
    "TENTATIVE": _("{name} will perhaps come."),
    "DELEGATED": _("{name} sends somebody else."),
    "REPLY": _("{name} has answered."),
    "CHANGED": _("{name} has changed this. Please answer again if the time is another."),
}


EVENT = "X-Event-UID"
"""Comes back in reports that bring the header only."""


class Imip:
    """`odcore.imip.Mail`: into the queue, as mail of whoever invites or answers."""

    def __init__(self, marks: Marks, queue: Queue) -> None:
        self._marks = marks
        self._queue = queue

    def send(self, letter: Letter) -> None:
        """From the sender's own address: what cannot be delivered comes back to them."""
        recipient = Recipient(letter.to)
        utf8 = not (letter.to.isascii() and letter.sender.isascii())
        envelope = Envelope(letter.sender, (recipient,), body="8BITMIME", smtputf8=utf8, ret="FULL")
        message_id = self._marks.message_id(letter.id, letter.to)
        self._queue.accept(Accept(envelope, Origin("local"), Memory(composed(letter, message_id))))


def composed(letter: Letter, message_id: str) -> bytes:
    """A whole message. Fault BAD_REQUEST for addresses that are none."""
    words = Words(dict.fromkeys((letter.language, "en")))
    kind = _kind(letter)
    named = {"subject": " ".join(letter.subject.split())[:_LONGEST_SUBJECT] or "-"}
    fields = [
        address_field("From", [(" ".join(letter.name.split()), letter.sender)]),
        address_field("To", [("", letter.to)]),
        field("Subject", words.first(_SUBJECTS[kind]).format(**named)),
        field("Date", format_datetime(clock.now())),
        field("Message-ID", message_id),
        field(EVENT, quote(letter.uid)),
    ]
    text = text_part(words.each(lambda say: _text(letter, kind, say)), language=words.tag)
    both = multipart("alternative", [text, _calendar(letter)])
    return return_path(letter.sender) + message(fields, multipart("mixed", [both, _file(letter)]))


def _kind(letter: Letter) -> str:
    if letter.method == "REPLY" and letter.said in _SENTENCES:
        return letter.said
    if letter.method == "REQUEST" and letter.changed:
        return "CHANGED"
    return letter.method if letter.method in _SENTENCES else "REQUEST"


def _text(letter: Letter, kind: str, say: Say) -> str:
    lines = [
        (say(_("What")), letter.subject),
        (say(_("When")), letter.when),
        ("", say(_("It is repeated.")) if letter.repeats else ""),
        (say(_("Where")), letter.where),
        (say(_("Note")), letter.comment),
    ]
    told = [f"{label}: {value}" if label else value for label, value in lines if value]
    return "\n".join([say(_SENTENCES[kind]).format(name=letter.name), "", *told, "", letter.text]).rstrip()


def _calendar(letter: Letter) -> bytes:
    """The part that programs look for."""
    return _entity(f"text/calendar; charset=utf-8; method={letter.method}", letter, "")


def _file(letter: Letter) -> bytes:
    """For programs that only know attachments."""
    return _entity(
        "application/ics; name=invite.ics", letter, "Content-Disposition: attachment; filename=invite.ics\r\n"
    )


def _entity(kind: str, letter: Letter, more: str) -> bytes:
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n{more}\r\n"
    return head.encode() + encodebytes(letter.calendar).replace(b"\n", b"\r\n")
