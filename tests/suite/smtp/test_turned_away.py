"""Servers that turn us away at the door, by real connections: asked seldom, by few, and all mail arrives in the end."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from odmail.delivery.breaker import PAUSE
from odmail.delivery.ports import Outcome, Shipment
from odmail.queue.model import State
from odtest.outgoing import BODY, Send
from odtest.peer import Guest, Peer
from odtest.postroom import PostRoom

MANY = 40


class World:
    """One peer, whose connections are used again."""

    def __init__(self, send: Send, peer: Peer) -> None:
        self._send, self._peer = send, peer

    def send(self, shipment: Shipment) -> tuple[Outcome, ...]:
        to = tuple(each.address for each in shipment.envelope.recipients)
        return self._send(self._peer, to=to, body=shipment.body.read(), reply=30, reuse=60)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[PostRoom]:
    made = PostRoom(tmp_path / "room")
    made.names.hosts["busy.example"] = ("192.0.2.1",)
    for number in range(MANY):
        made.accept(BODY, f"{number}@busy.example")
    yield made
    made.close()


def stands(room: PostRoom) -> tuple[State, int]:
    [found] = room.queue.destinations()
    return found.state, found.waiting


@pytest.mark.parametrize("stage", ["greeting", "MAIL"])
def test_a_server_that_says_421_to_all_is_asked_once_a_rest_and_gets_all_when_it_is_back(
    send: Send, peer: Callable[..., Peer], room: PostRoom, stage: str
):
    with peer(**{stage: "421 4.3.2 come back later"}) as mx:
        room.peers = World(send, mx)
        pipeline, remote = room.pipeline()
        instant = [100.0]
        remote._breaker.now = lambda: instant[0]

        def work() -> None:
            room.queue.retry([each.id for each in room.queue.list()])
            while pipeline.round():
                pass
            remote.drain()
            pipeline.round()

        for asked in (1, 1, 2):
            work()
            assert len(mx.guests) == asked
            assert stands(room) == (State.RESTING, MANY)
            instant[0] += PAUSE / 2
        mx.answers |= {"": "220 mx.example", "MAIL": "250 ok"}
        instant[0] += 2 * PAUSE
        work()
        remote.close()
    assert len(mx.messages) == MANY
    assert room.queue.destinations() == []


def test_a_server_that_takes_two_connections_gets_all_mail_by_about_two(
    send: Send, peer: Callable[..., Peer], room: PostRoom
):
    refused: list[Guest] = []
    gate = threading.Lock()
    inside: list[Guest] = []

    def greet(guest: Guest) -> None:
        with gate:
            if len(inside) >= 2:
                refused.append(guest)
                guest.say("421 4.7.0 too many connections from you")
                guest.close()
            inside.append(guest)
        guest.say("220 mx.example")

    def leave(guest: Guest) -> None:
        with gate:
            inside.remove(guest)
        guest.say("221 bye")
        guest.close()

    with peer(greeting=greet, QUIT=leave) as mx:
        room.peers = World(send, mx)
        pipeline, remote = room.pipeline()
        for _ in range(5):
            room.queue.retry([each.id for each in room.queue.list()])
            while pipeline.round():
                pass
            remote.drain()
        remote.close()
        assert len(mx.messages) == MANY
        assert len(refused) <= room.settings.at_once_each
