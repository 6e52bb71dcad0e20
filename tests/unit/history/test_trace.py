"""The history of a message: from the connection to the folder, whatever happened on the way."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from odcore.errors import Fault
from odmail.delivery.ports import Outcome
from odmail.history.model import Event
from odmail.history.store import History
from odmail.history.trace import Wanted, trace
from odmail.queue.model import Envelope, Origin, Recipient, Status
from odmail.queue.verdict import Finding, Verdict
from odtest.postroom import BIBHU, COLLECTOR, SASMITA, PostRoom

LETTER = b"From: a@peer.example\r\nTo: all\r\nMessage-ID:\r\n <One.1@Peer.example>\r\n\r\nbody\r\n"


@pytest.fixture
def room(tmp_path: Path):
    made = PostRoom(tmp_path)
    made.names.hosts["peer.example"] = ("192.0.2.9",)
    yield made
    made.close()


def stories(history: History, text: str, **more):
    history.flush()
    return trace(history, lambda *_, **__: None, "cli:test", Wanted(text, **more))


def whats(story) -> list[str]:
    return [event.what for event in story.events]


def test_a_letter_is_told_from_the_door_to_the_folder(room):
    verdict = Verdict((Finding("spf", "pass"), Finding("words", "spam", "tastes so", score=6.5)), 6.5, junk=True)
    origin = Origin("mx", "192.0.2.7", "mail.peer.example", "TLSv1.3", session="s1", verdict=verdict)
    name = room.accept(LETTER, SASMITA.address, origin=origin)
    room.work()
    (story,) = stories(room.history, "<one.1@peer.EXAMPLE>")
    accepted, delivered = story.events
    assert (story.id, accepted.what, delivered.what) == (name, "accepted", "delivered")
    assert accepted.facts["client"] == "192.0.2.7"
    assert accepted.facts["findings"] == ["spf=pass", "words=spam (tastes so) +6.5"]
    assert delivered.facts["reply"] == "250 2.0.0 delivered to Junk"
    assert delivered.facts["why"] == "junk, score 6.5: words=spam (tastes so) +6.5"


@pytest.mark.parametrize("text", ["A@peer.example", SASMITA.address.upper(), "{id}"])
def test_sender_recipient_and_queue_id_lead_to_it(room, text):
    name = room.accept(LETTER, SASMITA.address)
    room.work()
    assert [story.id for story in stories(room.history, text.format(id=name))] == [name]


def test_an_alias_leads_on_and_both_addresses_find_it(room):
    room.town.aliases["office@odisha.example"] = (COLLECTOR.address,)
    name = room.accept(LETTER, "office@odisha.example")
    room.work()
    (story,) = stories(room.history, COLLECTOR.address)
    assert (story.id, story.events[-1].facts["to"]) == (name, COLLECTOR.address)


def test_a_peers_replies_and_the_report_are_told(room):
    answer = Outcome(Status.WAITING, 450, "4.2.0", "greylisted", "mx.peer.example [192.0.2.9]", "TLSv1.3")
    room.peers.answer = lambda _: answer
    name = room.accept(LETTER, "x@peer.example", sender=SASMITA.address)
    room.work()
    room.peers.answer = lambda _: Outcome(Status.FAILED, 550, "5.1.1", "nobody", "mx.peer.example [192.0.2.9]")
    room.queue.retry([name])
    room.work()
    first, report = stories(room.history, name)
    assert whats(first) == ["accepted", "deferred", "reported", "failed"]
    assert first.events[1].facts["reply"] == "450 4.2.0 greylisted"
    assert first.events[1].facts["tls"] == "TLSv1.3"
    assert report.events[0].facts["of"] == name
    assert whats(report) == ["accepted", "delivered"]


def test_a_message_id_leads_to_the_copies_for_a_lists_members(room):
    room.town.aliases["both@odisha.example"] = (SASMITA.address, BIBHU.address)
    name = room.accept(LETTER, "both@odisha.example")
    room.work()
    found = stories(room.history, name)
    assert [whats(each) for each in found] == [["accepted", "delivered"], ["accepted", "delivered", "delivered"]]
    assert found[0].events[1].facts["why"] == f"as {found[1].id}"


def test_lmtp_is_told_for_each_recipient(room):
    arriving = room.lmtp.receive(envelope(SASMITA.address, BIBHU.address), Origin("lmtp", session="s2"), None)
    arriving.write(LETTER)
    arriving.finish()
    (story,) = stories(room.history, "one.1@peer.example")
    assert sorted(whats(story)) == ["accepted", "delivered", "delivered"]


def test_a_history_that_cannot_be_written_stops_no_mail(room, tmp_path):
    (tmp_path / "history").write_text("no folder")
    room.accept(LETTER, SASMITA.address)
    room.work()
    room.history.flush()
    assert len(room.messages(SASMITA)) == 1


def test_days_too_old_go_with_their_files(tmp_path):
    history, now = History(tmp_path), datetime.now(UTC)
    days = [now - timedelta(days=age) for age in (402, 399, 0)]
    for day in days:
        history.note(event("any", day.timestamp()))
    history.flush()
    assert history.expire() == 1
    assert {path.name[:10] for path in tmp_path.iterdir()} == {day.date().isoformat() for day in days[1:]}
    history.close()


def test_since_and_until_bound_when_a_message_came(tmp_path):
    history, day = History(tmp_path), 86_400
    now = time.time()
    for number in range(4):
        history.note(event(f"m{number}", now - number * day))
    history.note(Event("m3", now, "delivered", {}))
    bounds = {
        "since": datetime.fromtimestamp(now - 3.5 * day, UTC),
        "until": datetime.fromtimestamp(now - 0.5 * day, UTC),
    }
    assert [story.id for story in stories(history, "a@b.example", **bounds)] == ["m3", "m2", "m1"]
    assert whats(stories(history, "a@b.example", **bounds)[0]) == ["accepted", "delivered"]
    assert [story.id for story in stories(history, "a@b.example", most=1)] == ["m0"]
    history.close()


def test_who_looks_is_audited(tmp_path):
    rows: list[tuple[str, ...]] = []
    trace(History(tmp_path), lambda *row, **_: rows.append(row), "cli:root", Wanted("A@b.example"))
    assert rows == [("mail-traced", "cli:root", "a@b.example")]
    with pytest.raises(Fault):
        trace(History(tmp_path), lambda *_, **__: None, "cli:root", Wanted(" <> "))


def event(name: str, at: float | None = None) -> Event:
    return Event(name, time.time() if at is None else at, "accepted", {"sender": "a@b.example"}, ("a@b.example",))


def envelope(*recipients: str) -> Envelope:
    return Envelope("a@peer.example", tuple(map(Recipient, recipients)))
