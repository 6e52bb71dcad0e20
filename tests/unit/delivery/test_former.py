"""Mail to a post whose holder left: the post has it, and the house's rule does the rest, with restraint."""

from datetime import timedelta

import pytest

from odcore import clock
from odcore.directory.model import Charge, FormerRule
from odmail.tenure.settings import TenureSettings
from odtest.filters import activate, post_room, sent, subjects
from odtest.postroom import BIBHU, COLLECTOR, SASMITA

LETTER = (
    b"From: Anjali <a@peer.example>\r\nTo: %b <collector.khordha@odisha.example>\r\nMessage-ID: <%d@peer.example>\r\n"
    b"Subject: hello\r\n\r\nbody\r\n"
)


@pytest.fixture
def room_of(tmp_path):
    made = []

    def make(former, days=3, holder=BIBHU):
        room = post_room(tmp_path, tenure=TenureSettings(former=former))
        now = clock.now()
        over = Charge(SASMITA.id, now - timedelta(days=400), now - timedelta(days=days), "GA-1")
        room.town.charges = (over, Charge(holder.id, over.end)) if holder else (over,)
        made.append(room)
        return room

    yield make
    for room in made:
        room.close()


def arrive(room, number=1, name=b"Collector"):
    room.accept(LETTER % (name, number), COLLECTOR.address)
    room.work()


def test_a_sender_is_told_once_who_holds_the_post_now(room_of):
    room = room_of("inform")
    arrive(room)
    arrive(room, 2)
    assert subjects(room, ref=COLLECTOR) == ["hello", "hello"]
    ((to, answer),) = sent(room)
    assert (to, answer["Subject"]) == ("a@peer.example", "Collector, Khordha has been handed over")
    text = answer.get_content()
    assert f"It is now held by {BIBHU.name}." in text
    assert f"{SASMITA.name} can be written to at {SASMITA.address}." in text


def test_a_vacant_post_says_so(room_of):
    room = room_of("inform", holder=None)
    arrive(room)
    assert "It is vacant at present." in sent(room)[0][1].get_content()


@pytest.mark.parametrize(
    ("former", "days", "holder"),
    [("nothing", 3, BIBHU), ("inform", 31, BIBHU), ("inform", 3, SASMITA), ("forward", 31, BIBHU)],
)
def test_nothing_happens_where_no_rule_is_long_after_and_when_the_same_person_is_back(room_of, former, days, holder):
    room = room_of(former, days, holder)
    arrive(room, name=SASMITA.name.encode())
    assert subjects(room, ref=COLLECTOR) == ["hello"]
    assert sent(room) == []
    assert subjects(room) == []


@pytest.mark.parametrize(("site", "own"), [("nothing", FormerRule.INFORM), ("inform", FormerRule.NOTHING)])
def test_a_post_with_a_rule_of_its_own_does_not_go_by_the_sites(room_of, site, own):
    room = room_of(site)
    room.town.former = own
    arrive(room)
    assert bool(sent(room)) == (own is FormerRule.INFORM)


def test_the_posts_own_out_of_office_answer_is_the_only_one(room_of):
    room = room_of("inform")
    activate(room, 'require "vacation"; vacation "Office closed.";', ref=COLLECTOR)
    arrive(room)
    assert [answer.get_content().strip() for _, answer in sent(room)] == ["Office closed."]
    assert subjects(room, ref=COLLECTOR) == ["hello"]


def test_only_what_names_the_former_holder_is_forwarded_and_the_post_has_it_as_well(room_of):
    room = room_of("forward")
    arrive(room, name=SASMITA.name.encode())
    arrive(room, 2)
    assert subjects(room, ref=COLLECTOR) == ["hello", "hello"]
    assert len(subjects(room)) == 1
    assert sent(room) == []


def test_a_script_that_discards_or_fails_is_not_overruled(room_of):
    room = room_of("inform")
    activate(room, 'require "reject"; reject "no";', ref=COLLECTOR)
    arrive(room)
    assert "handed over" not in " ".join(str(answer["Subject"]) for _, answer in sent(room))
