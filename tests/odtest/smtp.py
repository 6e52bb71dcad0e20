r"""A gate that remembers, and drivers that do inline what an SMTP session or client wants.

Dialog files (`Dialog`), one conversation of one client:

    service submission           mx (when not stated), submission, submissions, lmtp
    C: EHLO a.example            a line, CRLF added; \r \n \0 \xNN are understood, \c at the end: no CRLF
    S: 250 2.0.0 ok              the next reply line; "..." stands for anything
    S~ ^250[- ]SIZE              some line of the present reply, skipping those before it
    TLS                          the handshake happens; with a word, "bound" or "certified", see `odtest.signing`
    SCRAM                        from now on all passwords are device passwords
    DICE text                    what the next random token is
    END                          the server has hung up
    ! 2                          so many messages were delivered so far
"""

import re
from pathlib import Path

import pytest

from odcore import ids
from odcore.directory.model import AccountKind, AccountRef, Person
from odcore.errors import Fault, Kind
from odcore.identity.api import Credentials, Principal
from odmail.delivery.ports import Delivered
from odmail.queue.model import Envelope, Origin
from odmail.smtp import verbs
from odmail.smtp.ports import House, Peer
from odmail.smtp.session import Session
from odmail.smtp.types import LMTP, MX, SUBMISSION, SUBMISSIONS, Call, Need, Pause, Service
from odtest.signing import BOUND_TLS, CERTIFIED_TLS, PLAIN_TLS, Mechanisms

TABLE = verbs.load()
SERVICES = {"mx": MX, "submission": SUBMISSION, "submissions": SUBMISSIONS, "lmtp": LMTP}
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|[rn0\\])")
_CHANNELS = {"": PLAIN_TLS, "bound": BOUND_TLS, "certified": CERTIFIED_TLS}
_SIGNS = {"r": "\r", "n": "\n", "0": "\0", "\\": "\\"}


class Arrival:
    """An Inbound in memory."""

    def __init__(self, gate: "Gate", envelope: Envelope, origin: Origin) -> None:
        self.gate, self.envelope, self.origin = gate, envelope, origin
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    def finish(self) -> Delivered:
        if b"fault: " in self.data:
            raise Fault(Kind[self.data.split(b"fault: ")[1].split(b"\r\n")[0].decode()], "as you wish")
        self.gate.delivered.append(self)
        faults = [
            Fault(Kind.OVER_QUOTA, "full") if "full" in each.address else None for each in self.envelope.recipients
        ]
        return Delivered(f"q{len(self.gate.delivered)}", tuple(faults))

    def discard(self) -> None:
        self.gate.discarded += 1


class Gate:
    """Ours is `odisha.example`; local parts say what goes wrong."""

    max_size = 1_000_000
    max_recipients = 5

    def __init__(self) -> None:
        self.delivered: list[Arrival] = []
        self.discarded = 0
        self.asked: list[str] = []

    def sender(self, address: str, principal: Principal | None) -> None:
        if principal and address != "sasmita@odisha.example":
            raise Fault(Kind.DENIED, "not yours")
        if address.startswith("bug@"):
            raise RuntimeError("a bug")

    def knows(self, address: str) -> bool:
        return address.startswith("known")

    def recipient(self, address: str, principal: Principal | None) -> None:
        self.asked.append(address)
        if address == "postmaster":
            return
        local, _, domain = address.rpartition("@")
        if domain != "odisha.example" and principal is None:
            raise Fault(Kind.DENIED, "relaying denied")
        if local.startswith("nobody"):
            raise Fault(Kind.NOT_FOUND, "no such mailbox")
        if local.startswith("later"):
            raise Fault(Kind.TRY_LATER, "directory away")

    def receive(self, envelope: Envelope, origin: Origin, principal: Principal | None) -> Arrival:
        return Arrival(self, envelope, origin)

    def soon(self, origin: Origin):
        return self._take

    def _take(self, envelope: Envelope, origin: Origin, data: bytes, done) -> None:
        arrival = self.receive(envelope, origin, None)
        arrival.write(data)
        done(arrival.finish())


SASMITA = Principal(
    Person(id="p1", dn="", uid="sasmita", name="Sasmita", addresses=("sasmita@odisha.example",)),
    AccountRef("p1", AccountKind.PERSON, "sasmita@odisha.example", "Sasmita"),
)


class Doorman(Mechanisms):
    """A SignIn that knows one person."""

    valid = True

    def sign_in(self, credentials: Credentials) -> Principal:
        self.refuse(credentials.client)
        if credentials.login == "away":
            raise Fault(Kind.TRY_LATER, "directory away")
        if credentials.login == "often":
            raise Fault(Kind.LIMIT, "slow down")
        if (credentials.login, credentials.password) != ("sasmita", "secret"):
            raise Fault(Kind.LOGIN, "wrong")
        return SASMITA

    def known(self, login: str) -> Principal | None:
        return SASMITA if login.partition("@")[0] in ("user", "sasmita") else None

    def still_valid(self, principal: Principal) -> bool:
        return self.valid


class Talk:
    """A session driven inline; `said` is all it has said."""

    def __init__(self, service: Service = MX, gate: Gate | None = None) -> None:
        self.gate = gate or Gate()
        self.doorman = Doorman()
        house = House("mx.odisha.example", service, self.gate, self.doorman, starttls=not service.implicit_tls)
        self.channel = PLAIN_TLS
        tls = "TLSv1.3" if service.implicit_tls else ""
        self.session = Session(house, TABLE, Peer("192.0.2.1", "s1", tls, lambda: self.channel))
        self.said = b""
        self.paused = 0.0
        self.handshakes = 0
        self.session.start()
        self._drive()

    @property
    def closed(self) -> bool:
        return self.session.want is Need.CLOSE

    def feed(self, data: bytes) -> None:
        if not self.closed and self.session.want is not Need.TLS:
            self.session.receive(data)
            self._drive()

    def handshake(self) -> None:
        assert self.session.want is Need.TLS
        self.handshakes += 1
        self.session.resume("TLSv1.3")
        self._drive()

    def ask(self, data: bytes) -> bytes:
        """What is answered to this."""
        before = len(self.said)
        self.feed(data)
        return self.said[before:]

    def _drive(self) -> None:
        while True:
            want = self.session.want
            if isinstance(want, Call):
                try:
                    result = want.run()
                except Exception as error:
                    self.session.fail(error)
                else:
                    self.session.resume(result)
            elif isinstance(want, Pause):
                self.paused += want.seconds
                self.session.resume(None)
            else:
                break
        self.said += self.session.output()


def pieces(data: bytes, split: bool) -> list[bytes]:
    """As it stands, or one octet at a time."""
    return [data[at : at + 1] for at in range(len(data))] if split else [data]


class Dialog:
    """One run of one file."""

    def __init__(self, path: Path, patch: pytest.MonkeyPatch, *, split: bool) -> None:
        self._patch = patch
        self._lines = path.read_text().splitlines()
        self._split = split
        self._read = 0
        service = next((line.split()[1] for line in self._lines if line.startswith("service ")), "mx")
        self.talk = Talk(SERVICES[service])

    def run(self) -> None:
        for number, line in enumerate(self._lines, 1):
            if line and not line.startswith(("#", "service ")):
                self._pending(line)
                assert self._step(line), f"line {number}: {line}\n{self.talk.said.decode()}"

    def _pending(self, line: str) -> None:
        """What the client says next must not come before all was read that the server said."""
        if line.startswith(("C:", "TLS", "END")):
            rest = self.talk.said[self._read :]
            assert not rest, f"not expected: {rest!r} before {line!r}"

    def _step(self, line: str) -> bool:
        if line.startswith("C:"):
            text = _ESCAPE.sub(lambda found: _sign(found[1]), line[3:].removesuffix("\\c"))
            data = text.encode("utf-8", "surrogateescape") + (b"" if line.endswith("\\c") else b"\r\n")
            for piece in pieces(data, self._split):
                self.talk.feed(piece)
            return True
        if line.startswith(("S:", "S~")):
            return self._expect(line[:2], line[3:])
        if line.startswith("TLS"):
            self.talk.channel = _CHANNELS[line[3:].strip()]
            self.talk.handshake()
            return True
        if line == "SCRAM":
            self.talk.doorman.scram = True
            return True
        if line.startswith("DICE "):
            self._patch.setattr(ids, "token", lambda size=16: line[5:])
            return True
        if line == "END":
            return self.talk.closed
        return line.startswith("! ") and len(self.talk.gate.delivered) == int(line[2:])

    def _expect(self, how: str, wanted: str) -> bool:
        while (end := self.talk.said.find(b"\r\n", self._read)) >= 0:
            got = self.talk.said[self._read : end].decode()
            self._read = end + 2
            if how == "S~":
                if re.search(wanted, got):
                    return True
            else:
                return bool(re.fullmatch(re.escape(wanted).replace(r"\.\.\.", ".*"), got))
        return False


def _sign(escape: str) -> str:
    if escape.startswith("x"):
        return bytes([int(escape[1:], 16)]).decode("utf-8", "surrogateescape")
    return _SIGNS[escape]
