"""What every queue must keep: nothing lost, nothing twice while leased, nothing left behind when settled."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import pytest
from msgspec.structs import replace

from odcore import clock
from odcore.blob.incoming import Memory
from odcore.bus.api import QueueWork
from odcore.errors import Fault, Kind
from odmail.queue.api import Accept, Settled
from odmail.queue.model import Destination, Envelope, Recipient, State, Status
from odmail.queue.store import LEASE, SqliteQueue
from odtest.postroom import MX

SMALL = b"Subject: small\r\n\r\nhello\r\n"
LARGE = b"Subject: large\r\n\r\n" + b"x" * 76 + b"\r\n" + b"y" * 200_000 + b"\r\n"


@pytest.fixture
def queue(tmp_path: Path):
    made = SqliteQueue(tmp_path, lambda message: None)
    yield made
    made.close()


def put(queue: SqliteQueue, *addresses: str, body: bytes = SMALL, due: int | None = None) -> str:
    envelope = Envelope("a@peer.example", tuple(Recipient(address) for address in addresses or ("u@odisha.example",)))
    incoming = queue.incoming()
    incoming.write(body)
    try:
        return queue.accept(Accept(envelope, MX, incoming.finish(), due=due))
    finally:
        incoming.discard()


def settle_all(queue: SqliteQueue, leased, status: Status = Status.DELIVERED, due: int = 0) -> None:
    queue.settle([Settled(each.message.id, one.number, status, "reply", due) for each in leased for one in each.due])


@pytest.mark.parametrize("body", [SMALL, LARGE])
def test_what_was_accepted_is_leased_with_its_envelope_and_every_octet(queue, body):
    recipients = (Recipient("u@odisha.example", ("FAILURE", "DELAY"), "rfc822;u@x"), Recipient("ଓଡ଼ିଶା@odisha.example"))
    envelope = Envelope("", recipients, "8BITMIME", True, "HDRS", "env+id")
    incoming = queue.incoming()
    incoming.write(body)
    name = queue.accept(Accept(envelope, MX, incoming.finish()))
    incoming.discard()
    (leased,) = queue.lease(10, clock.timestamp())
    assert (leased.message.id, leased.message.envelope, leased.message.origin) == (name, envelope, MX)
    assert [each.recipient for each in leased.due] == list(recipients)
    assert (leased.body.size, leased.body.read(), leased.body.read(9, 5)) == (len(body), body, body[9:14])
    assert (leased.path is not None) == (body is LARGE)


def test_a_chosen_id_is_kept(queue):
    assert queue.accept(Accept(Envelope("", (Recipient("u@x"),)), MX, Memory(SMALL), id="chosen")) == "chosen"


def test_accept_tells_the_worker(tmp_path):
    told = []
    queue = SqliteQueue(tmp_path, told.append)
    put(queue)
    assert told == [QueueWork()]
    queue.close()


def test_oldest_first_in_batches(queue):
    now = clock.timestamp()
    names = [put(queue, due=now - age) for age in (10, 30, 20)]
    assert [each.message.id for each in queue.lease(2, now)] == [names[1], names[2]]
    assert [each.message.id for each in queue.lease(2, now)] == [names[0]]


def test_what_is_leased_is_not_leased_again_until_the_lease_ends(queue):
    put(queue)
    now = clock.timestamp()
    assert len(queue.lease(10, now)) == 1
    assert queue.lease(10, now + LEASE - 1) == []
    assert len(queue.lease(10, now + LEASE)) == 1


def test_a_lease_that_is_used_goes_on_and_one_that_was_lost_is_not_used(queue):
    put(queue, "u@odisha.example", "v@odisha.example")
    now = clock.timestamp()
    (first,) = queue.lease(10, now)
    assert queue.keep(first, [0, 1], now + LEASE - 1).numbers == {0, 1}
    assert queue.lease(10, now + LEASE) == []
    (second,) = queue.lease(10, now + 2 * LEASE)
    assert queue.keep(first, [0, 1], now + 2 * LEASE).numbers == set()
    queue.settle([Settled(second.message.id, 1, Status.DELIVERED, "250")])
    assert queue.keep(second, [0, 1], now + 3 * LEASE - 1).numbers == {0}


def test_what_was_put_back_is_fetched_unless_somebody_has_it(queue):
    name = put(queue, "u@odisha.example", "v@odisha.example")
    now = clock.timestamp()
    (leased,) = queue.lease(10, now)
    queue.settle([Settled(name, 0, Status.WAITING, "busy", now + 300, tried=False)])
    queue.ready([(name, 0), (name, 1), ("gone", 0)], now)
    (again,) = queue.lease(10, now)
    assert [each.number for each in again.due] == [0]
    assert queue.keep(leased, [1], now).numbers == {1}


def test_what_is_not_due_is_not_leased(queue):
    now = clock.timestamp()
    put(queue, due=now + 60)
    assert queue.lease(10, now + 59) == []
    assert len(queue.lease(10, now + 60)) == 1


def test_a_new_worker_takes_over_what_a_dead_one_had_leased(queue, tmp_path):
    put(queue)
    now = clock.timestamp()
    dead = queue.lease(10, now)
    heir = SqliteQueue(tmp_path, lambda message: None)
    assert heir.lease(10, now) == []
    assert heir.recover() == 1
    assert len(heir.lease(10, now)) == 1
    settle_all(queue, dead, Status.WAITING, now)  # the dead one was only slow: its deferral is void
    assert heir.lease(10, now) == []
    settle_all(queue, dead)  # but what it did deliver is delivered
    assert heir.list() == []
    heir.close()


@pytest.mark.parametrize("body", [SMALL, LARGE])
def test_a_message_leaves_when_its_last_recipient_is_settled(queue, tmp_path, body):
    name = put(queue, "u@odisha.example", "v@odisha.example", body=body)
    (leased,) = queue.lease(10, clock.timestamp())
    queue.settle([Settled(name, 0, Status.DELIVERED, "250 ok")])
    assert [each.status for each in queue.show(name).recipients] == [Status.DELIVERED, Status.WAITING]
    assert leased.body.read() == body
    queue.settle([Settled(name, 1, Status.FAILED, "550 no")])
    assert queue.list() == []
    assert [path for path in tmp_path.rglob("*") if path.is_file() and "sqlite" not in path.name] == []
    with pytest.raises(Fault) as fault:
        leased.body.read()
    assert fault.value.kind is Kind.NOT_FOUND


def test_settling_twice_changes_nothing(queue):
    name = put(queue, "u@odisha.example", "v@odisha.example")
    queue.lease(10, clock.timestamp())
    for _ in range(2):
        queue.settle([Settled(name, 0, Status.DELIVERED, "first")])
        queue.settle([Settled(name, 0, Status.FAILED, "second"), Settled("gone", 0, Status.DELIVERED, "")])
    first = queue.show(name).recipients[0]
    assert (first.status, first.last_reply, first.attempts) == (Status.DELIVERED, "first", 1)


def test_a_deferral_counts_the_attempt_and_comes_back_when_due(queue):
    name = put(queue)
    now = clock.timestamp()
    queue.lease(10, now)
    queue.settle([Settled(name, 0, Status.WAITING, "451 later", now + 300, notified=True)])
    assert queue.lease(10, now + 299) == []
    ((one,),) = [each.due for each in queue.lease(10, now + 300)]
    assert (one.attempts, one.last_reply, one.notified) == (1, "451 later", True)


def test_put_back_untried_is_no_attempt(queue):
    name = put(queue)
    now = clock.timestamp()
    queue.lease(10, now)
    queue.settle([Settled(name, 0, Status.WAITING, "busy", now, tried=False)])
    assert queue.show(name).recipients[0].attempts == 0


def test_two_messages_share_a_large_body_and_the_last_one_takes_it_along(queue, tmp_path):
    names = [put(queue, body=LARGE), put(queue, body=LARGE)]
    assert len([path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]) == 1
    queue.delete(names[:1])
    assert queue.read(names[1]).read() == LARGE
    queue.delete(names[1:])
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []


def test_hold_keeps_a_message_until_it_is_released(queue):
    name = put(queue)
    now = clock.timestamp()
    assert queue.hold([name, "gone"]) == 1
    assert queue.lease(10, now) == []
    assert queue.release([name]) == 1
    assert len(queue.lease(10, clock.timestamp())) == 1


def test_a_deferral_of_a_message_held_meanwhile_keeps_it_held(queue):
    name = put(queue)
    now = clock.timestamp()
    queue.lease(10, now)
    queue.hold([name])
    queue.settle([Settled(name, 0, Status.WAITING, "451", now)])
    assert queue.show(name).recipients[0].status is Status.HELD


def test_retry_makes_due_now_and_delete_removes_without_a_word(queue):
    now = clock.timestamp()
    name = put(queue)
    settle_all(queue, queue.lease(10, now), Status.WAITING, due=now + 3600)
    assert queue.lease(10, clock.timestamp()) == []
    assert queue.retry([name]) == 1
    assert len(queue.lease(10, clock.timestamp())) == 1
    assert (queue.delete([name]), queue.delete([name])) == (1, 0)
    with pytest.raises(Fault):
        queue.show(name)


def test_no_hand_sends_early_what_is_to_be_sent_later(queue):
    now = clock.timestamp()
    name = put(queue, due=now + 3600)
    assert queue.retry([name]) == 0
    queue.hold([name])
    queue.release([name])
    assert queue.lease(10, now + 3599) == []
    queue.hold([name])
    assert queue.lease(10, now + 3600) == []
    queue.release([name])
    assert len(queue.lease(10, now + 3600)) == 1


def test_list_finds_by_address_id_and_status_and_wildcards_are_plain_letters(queue):
    first, second = put(queue, "anna_b@odisha.example"), put(queue, "annaxb@odisha.example")
    queue.hold([second])
    assert [each.id for each in queue.list("anna_b")] == [first]
    assert [each.id for each in queue.list(second[:8])] == [second]
    assert [each.id for each in queue.list(status=Status.HELD)] == [second]
    assert len(queue.list("PEER.example")) == 2
    assert len(queue.list(most=1)) == 1
    assert queue.list("%") == []


def test_accepting_in_many_threads_and_processes_loses_and_doubles_nothing(queue, tmp_path):
    other = SqliteQueue(tmp_path, lambda message: None)
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(lambda number: put((queue, other)[number % 2]), range(80)))
    found = []
    while batch := other.lease(25, clock.timestamp()):
        found += [each.message.id for each in batch]
        settle_all(other, batch)
    assert sorted(found) == sorted(names)
    assert queue.list() == []
    other.close()


def test_files_a_crash_left_are_swept_and_bodies_in_use_are_not(queue, tmp_path, monkeypatch):
    name = put(queue, body=LARGE)
    (tmp_path / "tmp" / "left").write_bytes(b"x")
    monkeypatch.setattr(clock, "timestamp", lambda: 4_000_000_000)
    assert queue.sweep() == 1
    assert queue.read(name).read() == LARGE


def test_accepting_without_waiting_tells_once_it_is_there(queue):
    told = SimpleQueue()
    for number in range(70):
        envelope = Envelope("a@peer.example", (Recipient(f"u{number}@odisha.example"),))
        queue.accept_soon(Accept(envelope, MX, Memory(SMALL), id=f"id{number}"), told.put)
    names = {told.get(timeout=30) for _ in range(70)}
    assert names == {f"id{number}" for number in range(70)} == {each.id for each in queue.list()}


def test_a_message_that_cannot_be_accepted_without_waiting_tells_why(queue):
    told = SimpleQueue()
    for _ in range(2):
        queue.accept_soon(Accept(Envelope("", (Recipient("u@x"),)), MX, Memory(SMALL), id="same"), told.put)
    assert told.get(timeout=30) == "same"
    assert isinstance(told.get(timeout=30), Exception)


def test_destinations_tell_what_waits_for_them_and_how_they_stand(queue):
    now = clock.timestamp()
    for address in ("a@One.example", "b@one.example", "c@two.example"):
        put(queue, address)
    queue.hold([put(queue, "held@three.example")])
    resting = Destination("one.example", State.RESTING, 0, now - 1, "421 4.3.2 busy")
    narrowed = Destination("relay.example:25", State.NARROWED, 2, now + 99, "421 4.7.0 too many")
    over = Destination("two.example", State.NARROWED, 2, now - 1, "421 4.7.0 too many")
    queue.note_destinations([resting, narrowed, over])
    plain = Destination("two.example", waiting=1)
    assert queue.destinations() == [replace(resting, waiting=2), plain, narrowed]
    assert queue.destinations(most=1) == [replace(resting, waiting=2), narrowed]
    queue.note_destinations([replace(resting, state=State.OPEN), replace(narrowed, at_once=1)])
    assert queue.destinations() == [Destination("one.example", waiting=2), plain, replace(narrowed, at_once=1)]
    queue.recover()
    assert [each.state for each in queue.destinations()] == [State.OPEN, State.OPEN]
