"""Scripts at work in a post room: put them, send letters, look at what came of it."""

import email
import email.policy
import itertools
from email.message import EmailMessage

from odcore import clock
from odcore.blob.incoming import Memory
from odmail.delivery.local import Drop, Letter
from odmail.mailbox.scripts import PutScript
from odmail.queue.verdict import Verdict
from odtest.postroom import SASMITA, PostRoom

LETTER = (
    b"From: Anjali <a@peer.example>\r\nTo: sasmita.nayak@odisha.example\r\nMessage-ID: <1@peer.example>\r\n"
    b"Subject: hello\r\n\r\nbody\r\n"
)
_NUMBERS = itertools.count()


def another(octets=LETTER):
    """Alike, but not the same sent once more."""
    return b"X-Number: %d\r\n" % next(_NUMBERS) + octets


def activate(room, script, ref=SASMITA, name="main"):
    account = room.store.open(ref.id)
    account.put_script(PutScript(name, script))
    account.activate_script(name)


def deliver(room, script, octets=LETTER, **options):
    activate(room, script)
    room.accept(octets, options.pop("to", SASMITA.address), **options)
    room.work()


def sent(room) -> list[tuple[str, EmailMessage]]:
    """What went outside: to whom, and the message."""
    return [
        (shipment.envelope.recipients[0].address, email.message_from_bytes(octets, policy=email.policy.default))
        for shipment, octets in room.peers.got
    ]


def subjects(room, mailbox="INBOX", ref=SASMITA):
    return [email.message_from_bytes(octets)["Subject"] for octets in room.messages(ref, mailbox)]


def arrive(room, verdict: Verdict, sender="a@peer.example"):
    """A letter that the checks at the door have judged."""
    letter = Letter("1", Memory(another()), clock.timestamp(), verdict, sender)
    (outcome,) = room.local.deliver([Drop(letter, SASMITA, SASMITA.address)])
    return outcome


def post_room(folder, **options) -> PostRoom:
    """With one peer outside."""
    made = PostRoom(folder, **options)
    made.names.hosts["peer.example"] = ("192.0.2.9",)
    return made
