"""POP3 before sign-in: every line is answered, alike however it was split, and none is a bug.  odmail.pop3.session"""

from typing import NoReturn

from fuzz.oracle import split
from odcore.errors import Fault, Kind
from odcore.sasl.api import Channel
from odmail.pop3 import verbs
from odmail.pop3.ports import House
from odmail.pop3.session import Session

VERBS = verbs.load()


class Nobody:
    """A directory that knows no one."""

    scram = True

    def __getattr__(self, _name: str):
        def refuse(*_args: object) -> NoReturn:
            raise Fault(Kind.LOGIN, "no")

        return refuse


class Client:
    """A socket inside TLS that is never full."""

    secure = True
    address = "127.0.0.1"

    def __init__(self) -> None:
        self.channel = Channel()
        self.out = b""

    def write(self, data: bytes) -> None:
        self.out += data

    def drained(self) -> None: ...

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def start_tls(self) -> None: ...

    def close(self) -> None: ...


async def _call(function, *args, **kwargs):
    return function(*args, **kwargs)


HOUSE = House(Nobody(), Nobody().open, _call)


def one(data: bytes) -> None:
    answers = _answers([data])
    assert not any(b"[SYS/PERM]" in line for line in answers), answers
    assert [line[:1] for line in answers] == [line[:1] for line in _answers(split(data))]


def _answers(pieces: list[bytes]) -> list[bytes]:
    client = Client()
    session = Session(HOUSE, VERBS, client)
    session.start()
    for piece in pieces:
        session.received(piece)
    session.lost()
    *lines, last = client.out.split(b"\r\n")
    assert last == b""
    return lines
