"""AUTHENTICATE.  RFC 5804 2.1"""

import base64
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

import structlog

from odcore.errors import Fault, Kind
from odcore.identity.api import SignIn
from odcore.sasl.api import Cancelled, Channel, Malformed
from odcore.sasl.engine import decode, find
from odmail.managesieve.faults import refusal
from odmail.managesieve.reader import Reader
from odmail.managesieve.registry import command
from odmail.managesieve.session import Session
from odmail.managesieve.types import Reply, State
from odmail.managesieve.writer import string

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()

MAX_FAILURES = 3

CLEAR_TEXT = Reply("Passwords are taken inside TLS only: STARTTLS first", b"ENCRYPT-NEEDED", b"NO")


class Entrant:
    """A session that is signing in: `odcore.sasl.api.Peer`."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def service(self) -> str:
        """See `odcore.sasl.api.Peer`."""
        return "managesieve"

    @property
    def address(self) -> str:
        """See `odcore.sasl.api.Peer`."""
        return self.session.address

    @property
    def client(self) -> str:
        """See `odcore.sasl.api.Peer`: this protocol has no word for it."""
        return ""

    @property
    def sign_in(self) -> SignIn:
        """See `odcore.sasl.api.Peer`."""
        return self.session.house.sign_in

    @property
    def channel(self) -> Channel:
        """See `odcore.sasl.api.Peer`."""
        return self.session.channel

    async def ask(self, challenge: bytes) -> bytes:
        """Challenge and response are strings of base64; "*" gives up."""
        self.session.write(string(base64.b64encode(challenge)) + b"\r\n")
        line = await self.session.logical()
        reader = Reader(line or b"")
        response = reader.octets()
        reader.end()
        if response == b"*":
            raise Cancelled
        return decode(response)

    def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """See `odcore.sasl.api.Peer`."""
        return self.session.call(function, *args, **kwargs)


@command("AUTHENTICATE", states=State.NOT_AUTHENTICATED, rfc="5804 2.1")
async def authenticate(session: Session, args: Reader) -> Reply | None:
    """One SASL exchange, the first response with the command if the client likes. Three failures end it all."""
    name = args.text()
    initial = args.octets() if args.more else None
    args.end()
    if not session.secure:
        return CLEAR_TEXT
    mechanism = find(name, session.house.sign_in, session.channel)
    if mechanism is None:
        return Reply("There is no such mechanism", b"", b"NO")
    try:
        principal = await mechanism.run(Entrant(session), None if initial is None else decode(initial))
        account = await session.call(session.house.open, principal.account)
    except Cancelled:
        return Reply("Given up", b"", b"NO")
    except Malformed as malformed:
        return Reply(str(malformed), b"", b"NO")
    except Fault as fault:
        if fault.kind is Kind.LIMIT:
            return _failed(session, Reply(fault.text, b"TRYLATER", b"NO"))
        return _failed(session, refusal(fault))
    session.sign_in(principal, account)
    log.info("signed-in", session=session.id, address=session.address, person=principal.person.uid, account=account.id)
    return Reply("Signed in")


def _failed(session: Session, reply: Reply) -> Reply:
    session.logins += 1
    log.info("sign-in-refused", session=session.id, address=session.address)
    if session.logins >= MAX_FAILURES:
        session.afterwards = lambda: session.end("Too many failures")
    return reply
