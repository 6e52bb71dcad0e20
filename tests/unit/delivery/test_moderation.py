"""Moderated lists: nobody gets a post before the owner lets it through; a stranger's forged name hears of nothing."""

import email
import email.policy

import pytest

from odcore import clock
from odcore.errors import Fault, Kind
from odmail.delivery.moderation import WEEK, command_of
from odmail.queue.model import Origin, Status
from odmail.queue.verdict import Finding, Verdict
from odtest.filters import LETTER, post_room, sent
from odtest.postroom import BIBHU, COLLECTOR, MX, SASMITA, principal

ALL = "all@odisha.example"
FROM_BIBHU = Origin("submission", person=BIBHU.id, account=BIBHU.id)
FROM_OWNER = Origin("submission", person=SASMITA.id, account=COLLECTOR.id)
PROVEN = Origin("mx", verdict=Verdict((Finding("spf", "pass"),)))


@pytest.fixture
def room(tmp_path):
    made = post_room(tmp_path)
    made.town.aliases[ALL] = (SASMITA.address, BIBHU.address)
    made.town.senders[ALL] = "moderated"
    made.town.owners[ALL] = COLLECTOR.address
    yield made
    made.close()


def post(room, origin=MX, sender="a@peer.example") -> str:
    name = room.accept(LETTER, ALL, origin=origin, sender=sender)
    room.work()
    return name


def test_a_post_waits_and_its_owner_gets_it_to_decide(room):
    room.mx.recipient(ALL, None)
    name = post(room)
    assert room.messages(BIBHU) == []
    assert [each.id for each in room.moderation.held()] == [name]
    (letter,) = room.messages(COLLECTOR)
    told = email.message_from_bytes(letter, policy=email.policy.default)
    assert f"all+approve-{name}@odisha.example" in told.get_body().get_content()
    (attached,) = told.iter_attachments()
    assert attached.get_content().as_bytes().replace(b"\r\n", b"\n") == LETTER.replace(b"\r\n", b"\n")


def test_what_is_let_through_goes_to_all_once(room):
    name = post(room)
    assert room.moderation.approve(name, "", "cli:test") == 1
    room.work()
    assert len(room.messages(BIBHU)) == len(room.messages(SASMITA)) == 1
    assert room.queue.list() == []
    assert ("post-approved", "cli:test", name, {"list": ALL}) in room.audited
    with pytest.raises(Fault):
        room.moderation.approve(name, "", "cli:test")


def test_a_post_by_the_owner_need_not_wait(room):
    post(room, FROM_OWNER, COLLECTOR.address)
    assert len(room.messages(BIBHU)) == 1


@pytest.mark.parametrize(("verb", "copies"), [("approve", 1), ("reject", 0)])
def test_the_owner_decides_by_mail(room, verb, copies):
    name = post(room, FROM_BIBHU, BIBHU.address)
    address = f"all+{verb}-{name}@odisha.example"
    room.submission.recipient(address, principal(COLLECTOR))
    room.accept(LETTER, address, origin=FROM_OWNER, sender=COLLECTOR.address)
    room.work()
    assert len(room.messages(SASMITA)) == copies
    assert len(room.messages(BIBHU)) == 1  # his copy, or the report
    assert room.queue.list() == []


def test_nobody_else_decides(room):
    """Neither a person who is not the owner nor anybody from outside, and no machine's answer."""
    name = post(room)
    address = f"all+approve-{name}@odisha.example"
    for ask in (lambda: room.submission.recipient(address, principal(BIBHU)), lambda: room.mx.recipient(address, None)):
        with pytest.raises(Fault) as caught:
            ask()
        assert caught.value.kind is Kind.DENIED
    room.accept(LETTER, address, origin=MX)
    room.work()
    assert room.messages(BIBHU) == []
    assert room.queue.show(name).recipients[0].status is Status.HELD


@pytest.mark.parametrize(("origin", "reports"), [(MX, 0), (PROVEN, 1)])
def test_a_rejected_stranger_is_told_only_when_it_was_them(room, origin, reports):
    name = post(room, origin)
    room.moderation.reject(name, ALL, "cli:test", "not for this list")
    room.work()
    assert len(sent(room)) == reports
    assert all("not for this list" in report.as_string() for _, report in sent(room))
    assert room.queue.list() == []


def test_after_a_week_it_goes_back(room, monkeypatch):
    post(room, PROVEN)
    assert room.moderation.expire() == 0
    now = clock.timestamp()
    monkeypatch.setattr(clock, "timestamp", lambda: now + WEEK + 60)
    assert room.moderation.expire() == 1
    room.work()
    assert len(sent(room)) == 1
    assert room.moderation.held() == []


def test_addresses_of_commands():
    found = command_of("All+APPROVE-k3jtwm9xq2ab@Odisha.Example")
    assert (found.list, found.approves, found.id) == (ALL, True, "k3jtwm9xq2ab")
    assert command_of(ALL) is None
    assert command_of("all+approve-short@odisha.example") is None
