"""A client of the LDAP engine for tests: requests as octets, responses as they are read back with ldap3."""

from collections.abc import Callable, Iterable
from typing import Any

from ldap3.strategy.base import BaseStrategy
from ldap3.utils.asn1 import decode_message_fast

from odcore.errors import Fault
from odcore.identity.api import Principal
from odcore.identity.presence import Presence
from odcore.later import Later
from odcore.sasl.api import Channel
from oddav.ldap import verbs
from oddav.ldap.attributes import chosen
from oddav.ldap.ber import BOOLEAN, ENUMERATED, OCTETS, SEQUENCE, Reader, element, number
from oddav.ldap.ports import House
from oddav.ldap.session import Session
from oddav.ldap.types import Entry, Search
from odtest.house import PASSWORD, Department

BASE = "dc=odisha,dc=example"


def text(value: str, tag: int = OCTETS) -> bytes:
    return element(tag, value.encode())


def bind(name: str = "sasmita.nayak", password: str = PASSWORD, version: int = 3) -> bytes:
    return element(0x60, number(version), text(name), text(password, 0x80))


def equal(attribute: str, value: str) -> bytes:
    return element(0xA3, text(attribute), text(value))


def present(attribute: str = "objectClass") -> bytes:
    return text(attribute, 0x87)


def search(asked: bytes = b"", base: str = BASE, scope: int = 2, wanted: Iterable[str] = (), size: int = 0) -> bytes:
    numbers = (number(scope, ENUMERATED), number(0, ENUMERATED), number(size), number(0))
    names = element(SEQUENCE, *map(text, wanted))
    return element(0x63, text(base), *numbers, element(BOOLEAN, b"\0"), asked or present(), names)


def paged(size: int, cookie: bytes = b"") -> bytes:
    value = element(SEQUENCE, number(size), element(OCTETS, cookie))
    return element(0xA0, element(SEQUENCE, text("1.2.840.113556.1.4.319"), element(OCTETS, value)))


class Grove:
    """A tree of memory: so many entries, all of which fit."""

    def __init__(self) -> None:
        self.count, self.more = 5, False
        self.asked: list[Search] = []
        self.fault: Fault | Exception | None = None

    def root(self, search: Search) -> list[Entry]:
        return [Entry("", {"supportedLDAPVersion": (b"3",)})]

    def login(self, name: str) -> str:
        return name.partition("=")[2].partition(",")[0] or name

    def search(self, principal: Principal, search: Search) -> tuple[list[Entry], bool]:
        self.asked.append(search)
        if self.fault is not None:
            raise self.fault
        found = [
            Entry(f"mail=p{one}@odisha.example,{BASE}", chosen({"cn": (b"P%d" % one,)}, search.attributes))
            for one in range(self.count)
        ]
        return found, self.more

    def compare(self, principal: Principal, name: str, attribute: str, value: str) -> bool | None:
        return {"cn": value == "P0"}.get(attribute)


class Client:
    """One connection, with the engine and no socket: a `Connection` of its own."""

    secure, address, channel = True, "192.0.2.7", Channel()

    def __init__(self, *, split: bool = False) -> None:
        self.department = Department()
        self.tree = Grove()
        self.presence = Presence(1)
        self.measured: list[tuple[str, str]] = []
        self.closed = False
        self.split = split
        self._out = b""
        self._id = 0
        house = House(self.department, _call, self.tree, self.presence, self._measure)
        self.session = Session(house, verbs.load(), self)
        self.session.start()

    def ask(self, operation: bytes, controls: bytes = b"") -> list[dict[str, Any]]:
        """Everything that is answered."""
        self._id += 1
        return self.send(element(SEQUENCE, number(self._id), operation, controls))

    def send(self, octets: bytes) -> list[dict[str, Any]]:
        for piece in [octets[at : at + 1] for at in range(len(octets))] if self.split else [octets]:
            if not self.closed:
                self.session.received(piece)
        return self.told()

    def told(self) -> list[dict[str, Any]]:
        """Since it was last asked."""
        out, self._out = self._out, b""
        found = []
        while out:
            length = BaseStrategy.compute_ldap_message_size(out)
            assert 0 < length <= len(out), out
            found.append(decode_message_fast(out[:length]))
            out = out[length:]
        return found

    def _measure(self, verb: str, outcome: str, _seconds: float) -> None:
        self.measured.append((verb, outcome))

    # The `Connection` port.

    def write(self, data: bytes) -> None:
        self._out += data

    def drained(self) -> Later[None] | None:
        return None

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def start_tls(self) -> None: ...

    def close(self) -> None:
        self.closed = True


def code(answers: list[dict[str, Any]]) -> int:
    """The result code of the last answer."""
    return answers[-1]["payload"][0][3]


def names(answers: list[dict[str, Any]]) -> list[str]:
    """Of the entries in it."""
    return [each["payload"][0][3].decode() for each in answers if each["protocolOp"] == 4]


def cookie(answers: list[dict[str, Any]]) -> bytes:
    """What the last answer's control of pages says."""
    sequence = Reader(answers[-1]["controls"][0][3][1][3]).inside(SEQUENCE)
    sequence.integer()
    return sequence.octets()


def _call(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Later[Any]:
    """The `Call` port without threads."""
    later: Later[Any] = Later()
    try:
        later.set(function(*args, **kwargs))
    except Exception as error:
        later.fail(error)
    return later
