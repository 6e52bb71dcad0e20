"""Submission policy: nobody floods the world, postmaster hears of it, contractors are marked, the trail knows who."""

import msgspec
import pytest

from odmail.delivery import submit
from odmail.delivery.pace import Pace, Sent
from odmail.delivery.settings import DeliverySettings
from odmail.queue.model import Envelope, Origin, Recipient, Status
from odtest.postroom import BIBHU, COLLECTOR, SASMITA, PostRoom, principal

LETTER = b"From: sasmita.nayak@odisha.example\r\nSubject: hello\r\n\r\nbody\r\n"
FROM = Origin("submission", "198.51.100.4", "laptop", "TLSv1.3", SASMITA.id, SASMITA.id, "s1")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_beyond_the_limit_everything_is_too_much_until_an_hour_has_passed():
    clock = Clock()
    pace = Pace(10, now=clock)
    assert pace.count(SASMITA.id, 10) == (False, False)
    assert pace.count(SASMITA.id, 1) == (True, True)
    assert pace.count(SASMITA.id, 1) == (True, False)
    assert pace.count(BIBHU.id, 10) == (False, False)
    clock.now += 3601
    assert pace.count(SASMITA.id, 1) == (False, False)
    assert pace.count(SASMITA.id, 10) == (True, True)


def test_the_hour_slides():
    clock = Clock()
    pace = Pace(10, now=clock)
    pace.count(SASMITA.id, 6)
    clock.now += 1800
    assert pace.count(SASMITA.id, 4) == (False, False)
    clock.now += 1801
    assert pace.count(SASMITA.id, 6) == (False, False)
    assert pace.count(SASMITA.id, 1) == (True, True)


def test_many_workers_give_no_more_room_than_one_and_ring_once():
    told: list[Sent] = []
    one, other = Pace(10, told.append), Pace(10, told.append)
    for _ in range(3):
        one.count(SASMITA.id, 5)
    for sent in told:
        one.heard(sent)
        other.heard(sent)
    assert other.count(SASMITA.id, 1) == (True, False)


def test_no_limit_counts_nothing():
    pace = Pace(0)
    assert pace.count(SASMITA.id, 10**6) == (False, False)


@pytest.fixture
def room(tmp_path):
    made = PostRoom(tmp_path, DeliverySettings(least_free=0, recipients_per_hour=5))
    made.names.hosts["peer.example"] = ("192.0.2.9",)
    made.town.aliases["postmaster@odisha.example"] = (BIBHU.address,)
    yield made
    made.close()


def submit_to(room, count: int, who=SASMITA, octets=LETTER) -> str:
    envelope = Envelope(who.address, tuple(Recipient(f"{number}@peer.example") for number in range(count)))
    inbound = room.submission.receive(envelope, FROM, principal(who))
    inbound.write(octets)
    return inbound.finish().id


def test_what_is_too_much_is_held_and_postmaster_hears_of_it_once(room):
    submit_to(room, 5)
    held = [submit_to(room, 3), submit_to(room, 1)]
    states = {each.id: {one.status for one in each.recipients} for each in room.queue.list()}
    assert all(states[each] == {Status.HELD} for each in held)
    room.work()
    (letter,) = room.messages(BIBHU)
    assert b"sasmita.nayak sends to very many recipients" in letter
    assert b"odmail person disable sasmita.nayak" in letter
    assert len(room.peers.got) == 1
    room.queue.release(held)
    room.work()
    assert len(room.peers.got) == 3


def test_the_trail_knows_the_person_and_the_recipients_do_not(room):
    ref = msgspec.structs.replace(principal(SASMITA), account=COLLECTOR)
    envelope = Envelope(COLLECTOR.address, (Recipient("x@peer.example"),))
    inbound = room.submission.receive(envelope, FROM, ref)
    inbound.write(LETTER.replace(SASMITA.address.encode(), COLLECTOR.address.encode()))
    name = inbound.finish().id
    facts = {"session": "s1", "id": name, "sender": COLLECTOR.address, "recipients": "1"}
    assert room.audited == [("submitted", SASMITA.id, COLLECTOR.id, facts)]
    room.work()
    ((_, octets),) = room.peers.got
    assert b"sasmita" not in octets.lower()


def test_a_hold_is_in_the_trail(room):
    submit_to(room, 9)
    assert [row[0] for row in room.audited] == ["submission-held"]


class Anybody:
    address = "x@y"

    def may_send_as(self, address: str) -> bool:
        return True

    def may_send_on_behalf(self, address: str) -> bool:
        return False


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (b"Subject: hello\r\n", b"Subject: [Contractor] hello\r\n"),
        (b"Subject:hello\r\n folded\r\n", b"Subject: [Contractor] hello\r\n folded\r\n"),
        (b"Subject: Re: [Contractor] hello\r\n", b"Subject: Re: [Contractor] hello\r\n"),
        (b"Subject: FWD: re[2]: [Contractor] hello\r\n", b"Subject: FWD: re[2]: [Contractor] hello\r\n"),
        (b"Subject: order" + b" " * 300 + b"[Contractor]\r\n", b"Subject: [Contractor] order"),
        (b"Subject: =?utf-8?b?4Kyu?=\r\n", b"Subject: [Contractor] =?utf-8?b?4Kyu?=\r\n"),
        (b"", b"Subject: [Contractor]\r\n"),
        (b"x-contractor: no\r\nSubject: a\r\n", b"Subject: [Contractor] a\r\n"),
    ],
)
def test_contractors_are_marked_once_whatever_they_write(subject, expected):
    block = b"From: x@y\r\nDate: now\r\nMessage-ID: <1@y>\r\n" + subject
    found = submit.revise(block, "host", Anybody(), "[Contractor]")
    assert found.lower().count(b"x-contractor") == 1
    assert b"X-Contractor: yes\r\n" in found
    assert found.count(b"Subject:") == 1
    assert expected in found


def test_nobody_else_can_wear_or_lose_the_mark():
    block = b"From: x@y\r\nDate: now\r\nMessage-ID: <1@y>\r\nX-Contractor: yes\r\nSubject: a\r\n"
    assert b"contractor" not in submit.revise(block, "host", Anybody()).lower()


def test_a_contractors_mail_is_marked_on_its_way(room):
    who = principal(SASMITA)
    contractor = msgspec.structs.replace(who, person=msgspec.structs.replace(who.person, contractor=True))
    inbound = room.submission.receive(Envelope(SASMITA.address, (Recipient("x@peer.example"),)), FROM, contractor)
    inbound.write(LETTER)
    inbound.finish()
    room.work()
    assert b"Subject: [Contractor] hello\r\n" in room.peers.got[0][1]
