"""Where many messages come at one time each waits a moment for its turn, no thread waits, and none is lost."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from odmail.delivery import inspection
from odmail.delivery.ports import Delivered
from odmail.queue.model import Envelope, Recipient
from odmail.smtp.intake import Intake
from odmail.smtp.types import Call, Pause, Reply
from odmail.wire.content import Flaw
from odtest.postroom import MX, SASMITA, PostRoom
from odtest.zone import Zone

NETWORK = "192.0.2.0/24"
HEAD = b"From: a@peer.example\r\nTo: b\r\nSubject: hello\r\nDate: Wed, 25 Nov 2026 10:00:00 +0000\r\n"
SMALL = HEAD + b"Message-ID: <1@peer.example>\r\n\r\nbody\r\n"
LARGE = SMALL + b"x" * 998 + b"\r\n" * 70_000


@pytest.fixture
def room(tmp_path: Path):
    made = PostRoom(tmp_path)
    yield made
    made.close()


def finished(
    room: PostRoom, octets: bytes, meanwhile: Callable[[int], object]
) -> tuple[Delivered | Reply, list[float]]:
    """What became of a message while the others of its network are looked at, and how long it waited each time."""
    gate = room.checked(Zone(), trusted=())
    pauses: list[float] = []
    with ExitStack() as others:
        for _ in range(inspection._AT_ONCE_EACH):
            others.enter_context(gate._inspection._waiting.turn(NETWORK))
        intake = Intake(gate, Envelope("a@peer.example", (Recipient(SASMITA.address),)), MX, None)

        async def live() -> Delivered | Reply:
            await intake.add(octets)
            return await intake.finish(Flaw(0))

        life, answer, error = live(), None, None
        while True:
            try:
                want = life.throw(error) if error else life.send(answer)
            except StopIteration as end:
                return end.value, pauses
            answer = error = None
            if isinstance(want, Pause):
                pauses.append(want.seconds)
                if meanwhile(len(pauses)):
                    others.close()
                continue
            assert isinstance(want, Call)
            try:
                answer = want.run()
            except Exception as fault:
                error = fault


@pytest.mark.parametrize("octets", [SMALL, LARGE], ids=["small", "large"])
def test_who_waits_for_a_turn_gets_it(room: PostRoom, octets: bytes):
    result, pauses = finished(room, octets, lambda count: count == 2)
    assert isinstance(result, Delivered)
    assert len(pauses) == 2
    (queued,) = room.queue.list()
    assert queued.id == result.id


@pytest.mark.parametrize("octets", [SMALL, LARGE], ids=["small", "large"])
def test_who_gets_no_turn_comes_again_and_nothing_of_it_stays(room: PostRoom, octets: bytes):
    result, pauses = finished(room, octets, lambda _: False)
    assert isinstance(result, Reply)
    assert (result.code, result.enhanced) == (451, "4.3.2")
    assert 5 < sum(pauses) < 10
    assert room.queue.list() == []
    assert list(room.folder.glob("queue/tmp/*")) == []
