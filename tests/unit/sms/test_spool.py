"""A message waits on the disk until a gateway took it, is tried again, and is not sent after its time."""

from datetime import timedelta

import pytest

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.sms.api import Sms, masked
from odcore.sms.spool import Courier, Spool


class Gateway:
    """Answers what it is told to."""

    def __init__(self, *faults: Kind | None) -> None:
        self.faults = list(faults)
        self.took: list[str] = []

    def send(self, message: Sms) -> None:
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise Fault(fault, "no")
        self.took.append(message.worded({}))


@pytest.fixture
def spool(tmp_path) -> Spool:
    return Spool(tmp_path / "sms")


def message(text: str = "hello", life: float = 60.0) -> Sms:
    expires = clock.now() + timedelta(seconds=life)
    return Sms(number="+919437012345", template="code.en", text=text, expires=expires)


def test_messages_go_in_the_order_they_were_written_and_are_gone_then(spool):
    gateway = Gateway()
    for text in ("one", "two", "three"):
        spool.put(message(text))
    Courier(spool, gateway).run()
    assert gateway.took == ["one", "two", "three"]
    assert spool.waiting() == spool.outbox() == []


def test_without_a_gateway_messages_can_be_read_in_the_outbox(spool):
    spool.put(message())
    Courier(spool, None).run()
    assert [each.worded({}) for each in spool.outbox()] == ["hello"]
    assert spool.waiting() == []
    assert spool.clear() == 1
    assert spool.outbox() == []


def test_a_failed_attempt_is_made_again_later_and_one_that_is_refused_is_not(spool):
    spool.put(message())
    courier = Courier(spool, Gateway(Kind.TRY_LATER))
    courier.run()
    courier.run()
    [waiting] = spool.waiting()
    assert waiting.attempts == 1
    assert waiting.due > clock.now()
    spool.drop(waiting)
    spool.put(message())
    Courier(spool, Gateway(Kind.BAD_REQUEST)).run()
    assert spool.waiting() == []


def test_a_message_whose_time_is_over_is_not_sent(spool):
    gateway = Gateway()
    spool.put(message(life=-1))
    Courier(spool, gateway).run()
    assert gateway.took == []
    assert spool.waiting() == []


def test_a_spoiled_file_stops_no_other_message(spool, tmp_path):
    spool.put(message())
    (tmp_path / "sms" / "waiting" / "0.json").write_bytes(b"{")
    gateway = Gateway()
    Courier(spool, gateway).run()
    assert gateway.took == ["hello"]


def test_only_its_owner_may_read_a_message(spool, tmp_path):
    spool.put(message())
    [path] = (tmp_path / "sms" / "waiting").glob("*.json")
    assert path.stat().st_mode & 0o077 == 0


def test_a_number_is_shown_to_those_who_know_it():
    assert masked("+919437012345") == "+91******2345"
