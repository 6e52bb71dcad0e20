"""AUTHENTICATE.  RFC 5804 2.1"""

import base64

import structlog

from odcore.errors import Fault, Kind
from odcore.sasl.api import Cancelled, Malformed
from odcore.sasl.engine import decode, find
from odcore.session import entrant
from odmail.managesieve.faults import refusal
from odmail.managesieve.reader import Reader
from odmail.managesieve.registry import command
from odmail.managesieve.session import Session
from odmail.managesieve.types import Reply, State
from odmail.managesieve.writer import string

log = structlog.get_logger()

CLEAR_TEXT = Reply("Passwords are taken inside TLS only: STARTTLS first", b"ENCRYPT-NEEDED", b"NO")


class Entrant(entrant.Entrant[Session]):
    """A session that is signing in."""

    service = "managesieve"

    async def exchange(self, challenge: bytes) -> bytes:
        """Challenge and response are strings."""
        self.session.write(string(base64.b64encode(challenge)) + b"\r\n")
        line = await self.session.logical()
        reader = Reader(line or b"")
        response = reader.octets()
        reader.end()
        return response


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
        session.sign_in(principal, account)
    except Cancelled:
        return Reply("Given up", b"", b"NO")
    except Malformed as malformed:
        return Reply(str(malformed), b"", b"NO")
    except Fault as fault:
        if fault.kind is Kind.LIMIT:
            return _failed(session, Reply(fault.text, b"TRYLATER", b"NO"))
        return _failed(session, refusal(fault))
    log.info("signed-in", session=session.id, address=session.address, person=principal.person.uid, account=account.id)
    return Reply("Signed in")


def _failed(session: Session, reply: Reply) -> Reply:
    log.info("sign-in-refused", session=session.id, address=session.address)
    session.refused()
    return reply
