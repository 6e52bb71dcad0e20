"""A sender on a reactor of its own, and peers for it."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from twisted.internet import reactor as _reactor

from odcore.net.dns import Tlsa
from odmail.delivery.ports import Host, Outcome, Security, Shipment
from odmail.queue.model import Envelope, Recipient
from odmail.smtp.sender import Sender
from odmail.smtp.settings import SenderSettings
from odtest.outgoing import BODY, READER, Octets, Send
from odtest.peer import Peer


@pytest.fixture(scope="session")
def reactor() -> Iterator[Any]:
    """In a thread; it can run but once in a process, and TLS wants this one."""
    thread = threading.Thread(target=_reactor.run, kwargs={"installSignalHandlers": False}, daemon=True)
    thread.start()
    yield _reactor
    _reactor.callFromThread(_reactor.stop)
    thread.join(10)


@pytest.fixture
def send(reactor: Any) -> Iterator[Send]:
    """Send one message to peers in this order; what became of each recipient."""
    senders: dict[tuple[int, float], Sender] = {}

    def give(
        *peers: Peer | int,
        to: tuple[str, ...] = (READER,),
        body: bytes = BODY,
        reuse: int = 0,
        reply: float = 1,
        security: Security = Security.OPPORTUNISTIC,
        tlsa: tuple[Tlsa, ...] = (),
        requiretls: bool = False,
        **more: object,
    ) -> tuple[Outcome, ...]:
        ports = [peer if isinstance(peer, int) else peer.port for peer in peers]
        settings = SenderSettings(connect_seconds=2, reply_seconds=reply, reuse_seconds=reuse)
        authority = next((peer.authority for peer in peers if isinstance(peer, Peer)), None)
        sender = senders.setdefault((reuse, reply), Sender(settings, "mail.odisha.example", reactor, authority))
        hosts = tuple(Host("mx.example", ("127.0.0.1",), port, security, tlsa, ("mx.example",)) for port in ports)
        envelope = Envelope("me@odisha.example", tuple(Recipient(each) for each in to), requiretls=requiretls)
        return sender.send(Shipment("id", hosts, envelope, Octets(body), **more))  # type: ignore[arg-type]

    yield give
    for sender in senders.values():
        reactor.callFromThread(sender.stop)


@pytest.fixture
def peer(tmp_path: Path) -> Callable[..., Peer]:
    """Makes one."""
    return lambda **answers: Peer(tmp_path / "tls", **answers)
