"""AUTHENTICATE with PLAIN (RFC 4616) and LOGIN.  RFC 9051 6.2.2, RFC 4959"""

import binascii

from odmail.imap.entrance import CLEAR_TEXT, enter
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import BadSyntax, Reply, State


@command(
    "AUTHENTICATE",
    states=State.NOT_AUTHENTICATED,
    rfc="9051 6.2.2",
    capability="SASL-IR AUTH=PLAIN AUTH=LOGIN",
)
async def authenticate(session: Session, args: Reader) -> Reply | None:
    """One SASL exchange, the first response on the command line if the client likes."""
    mechanism = args.word()
    if not session.secure:
        return CLEAR_TEXT
    initial = _initial(args)
    if mechanism == b"PLAIN":
        return await _plain(session, initial)
    if mechanism == b"LOGIN":
        return await _login(session, initial)
    return Reply("Unknown mechanism", b"CANNOT", b"NO")


def _initial(args: Reader) -> bytes | None:
    """The initial response, decoded; "=" is an empty one.  RFC 4959 3"""
    if not args.take(b" "):
        args.end()
        return None
    text = args.rest()
    return b"" if text == b"=" else _decode(text)


async def _plain(session: Session, response: bytes | None) -> Reply:
    if response is None:
        response = await _ask(session, b"")
    fields = response.split(b"\0")
    if len(fields) != 3:
        raise BadSyntax("PLAIN takes three fields")
    authzid, name, password = fields
    return await enter(session, name, password, authzid)


async def _login(session: Session, response: bytes | None) -> Reply:
    name = response if response is not None else await _ask(session, b"VXNlcm5hbWU6")  # "Username:"
    password = await _ask(session, b"UGFzc3dvcmQ6")  # "Password:"
    return await enter(session, name, password)


async def _ask(session: Session, challenge: bytes) -> bytes:
    session.write(b"+ %b\r\n" % challenge)
    line = await session.line()
    if line == b"*":
        raise BadSyntax("cancelled")
    return _decode(line)


def _decode(text: bytes) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error as error:
        raise BadSyntax("not base64") from error
