"""Trouble at each stage of a conversation with another server: nothing is lost, nothing taken once is sent again."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from odmail.delivery.ports import Outcome, Shipment
from odtest.outgoing import BODY, READER, Send
from odtest.peer import STARTTLS, Guest, Peer
from odtest.postroom import SASMITA, PostRoom

STAGES = ["greeting", "EHLO", "STARTTLS", "again", "MAIL", "RCPT", "DATA", "content", "end", "QUIT"]
"""`again` is the EHLO after the handshake."""

TROUBLES = ["drop", "4xx", "5xx", "slow", "lying"]
_ABOUT_THE_MESSAGE = {"MAIL", "RCPT", "DATA", "content", "end"}


class World:
    """One peer, as patient with it as is set."""

    def __init__(self, send: Send, peer: Peer) -> None:
        self._send, self._peer = send, peer
        self.patience: float = 30

    def send(self, shipment: Shipment) -> tuple[Outcome, ...]:
        to = tuple(each.address for each in shipment.envelope.recipients)
        return self._send(self._peer, to=to, body=shipment.body.read(), reply=self.patience)


def making(trouble: str, over: threading.Event) -> Callable[[Guest], None]:
    """What a guest gets instead of an answer."""

    def make(guest: Guest) -> None:
        if trouble == "4xx":
            guest.say("451 4.3.0 not now")
        elif trouble == "5xx":
            guest.say("550 5.7.1 never")
        else:
            if trouble == "slow":
                over.wait(60)
            elif trouble == "lying":
                guest.say("HTTP/1.1 200 OK")
            guest.close()

    return make


def answers(stage: str, make: Callable[[Guest], None]) -> dict[str, Callable[[Guest], None]]:
    """The table of a peer that makes trouble there."""

    def in_content(guest: Guest) -> None:
        guest.say("354 go ahead")
        guest.until(b"Subject")
        make(guest)
        guest.close()

    def again(guest: Guest) -> None:
        if guest.told.count("EHLO mail.odisha.example") > 1:
            make(guest)
        else:
            guest.say(STARTTLS)

    if stage == "content":
        return {"DATA": in_content}
    if stage == "again":
        return {"EHLO": again, "HELO": make}
    return {stage: make} | ({"HELO": make} if stage == "EHLO" else {})


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("stage", STAGES)
def test_it_is_taken_once_or_its_sender_is_told(tmp_path: Path, send: Send, peer, stage: str, trouble: str):
    taken: list[Guest] = []

    def take(guest: Guest) -> None:
        taken.append(guest)
        guest.say("250 2.0.0 taken")

    room, over = PostRoom(tmp_path / "room"), threading.Event()
    room.names.hosts[READER.partition("@")[2]] = ("192.0.2.1",)
    name = room.accept(BODY, READER, sender=SASMITA.address)
    with peer(**{"EHLO": STARTTLS, "end": take} | answers(stage, making(trouble, over))) as mx:
        world = room.peers = World(send, mx)
        world.patience = 0.3 if trouble == "slow" else 30
        room.work()
        over.set()
        world.patience = 30
        with peer(EHLO=STARTTLS, end=take) as well:
            mx.answers |= well.answers
        room.queue.retry([name])
        room.work()
    reports = room.messages(SASMITA)
    for_good = trouble == "5xx" and stage in _ABOUT_THE_MESSAGE
    assert (len(taken), len(reports)) == ((0, 1) if for_good else (1, 0))
    assert room.queue.list() == []
    room.close()
