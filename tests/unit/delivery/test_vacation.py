"""Answers of those who are away: once, restrained, under their own names.  RFC 5230, RFC 3834"""

import pytest

from odtest.filters import LETTER, activate, deliver, post_room, sent, subjects
from odtest.postroom import COLLECTOR, SASMITA

VACATION = 'require "vacation"; vacation :days 1 "I am away.";'


@pytest.fixture
def room(tmp_path):
    made = post_room(tmp_path)
    yield made
    made.close()


def test_vacation_answers_once(room):
    """The answer names what it answers and cannot be answered itself; the next letter gets none."""
    deliver(room, VACATION)
    room.accept(LETTER.replace(b"<1@", b"<2@"), SASMITA.address)
    room.work()
    assert subjects(room) == ["hello", "hello"]
    ((to, answer),) = sent(room)
    assert to == "a@peer.example"
    assert answer["From"] == '"sasmita.nayak" <sasmita.nayak@odisha.example>'
    assert answer["Subject"] == "Auto: hello"
    assert answer["Auto-Submitted"] == "auto-replied (vacation)"
    assert (answer["In-Reply-To"], answer["References"]) == ("<1@peer.example>", "<1@peer.example>")
    assert answer.get_content().strip() == "I am away."
    assert room.peers.got[0][0].envelope.sender == ""


def test_two_in_one_batch_get_one_answer(room):
    """What is about to be remembered counts already."""
    activate(room, VACATION)
    for number in (b"<1@", b"<2@"):
        room.accept(LETTER.replace(b"<1@", number), SASMITA.address)
    room.work()
    assert len(sent(room)) == 1


@pytest.mark.parametrize(
    "octets",
    [
        b"Auto-Submitted: auto-replied\r\n" + LETTER,
        b"Precedence: bulk\r\n" + LETTER,
        b"List-Id: <x.peer.example>\r\n" + LETTER,
        b"List-Unsubscribe: <mailto:x@peer.example>\r\n" + LETTER,
        b"X-Auto-Response-Suppress: OOF, AutoReply\r\n" + LETTER,
        LETTER.replace(b"To: sasmita.nayak", b"To: everybody"),
    ],
    ids=["automatic", "bulk", "list", "unsubscribe", "suppressed", "not named"],
)
def test_vacation_keeps_quiet(room, octets):
    """To programs, lists and those who did not write to the recipient."""
    deliver(room, VACATION, octets)
    assert subjects(room) == ["hello"]
    assert sent(room) == []


@pytest.mark.parametrize("sender", ["", "MAILER-DAEMON@peer.example", "owner-l@peer.example", "l-request@peer.example"])
def test_vacation_answers_no_machine(room, sender):
    """By the reverse-path."""
    deliver(room, VACATION, sender=sender)
    assert sent(room) == []


def test_vacation_with_all_its_tags(room):
    """A subject, a sender of one's own, other addresses, a copy in Sent, a MIME entity."""
    script = """require ["vacation", "fcc", "imap4flags"];
    vacation :days 3 :subject "ଛୁଟି" :from "sasmita.nayak@ocac.example" :addresses "everybody@odisha.example"
        :fcc "Sent" :flags "\\\\Seen" :mime text:
Content-Type: text/html; charset=utf-8
X-Injected: no

<p>away
.
    ;"""
    deliver(room, script, LETTER.replace(b"To: sasmita.nayak", b"To: everybody"))
    ((_, answer),) = sent(room)
    assert (answer["Subject"], answer["X-Injected"]) == ("ଛୁଟି", None)
    assert answer["From"] == '"sasmita.nayak" <sasmita.nayak@ocac.example>'
    assert answer.get_content_type() == "text/html"
    assert subjects(room, "Sent") != []
    assert room.store.open(SASMITA.id).mailbox("Sent").unseen == 0


def test_vacation_under_somebody_elses_name(room):
    """`:from` must be an address of the owner's."""
    deliver(room, 'require "vacation"; vacation :from "minister@odisha.example" "x";')
    assert sent(room)[0][1]["From"] == '"sasmita.nayak" <sasmita.nayak@odisha.example>'


def test_a_posts_script_answers_for_the_post(room):
    """Its mailbox has a script of its own."""
    activate(room, VACATION, COLLECTOR)
    room.accept(LETTER.replace(b"sasmita.nayak", b"collector.khordha"), COLLECTOR.address)
    room.work()
    assert sent(room)[0][1]["From"] == '"Collector, Khordha" <collector.khordha@odisha.example>'
