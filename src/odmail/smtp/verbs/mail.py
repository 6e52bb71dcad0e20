"""MAIL: a transaction begins with its sender.  RFC 5321 4.1.1.2, 1870, 6152, 6531, 3461, 4954 5"""

from collections.abc import Iterable

from odcore.identity.api import Principal
from odmail.smtp.intake import Sending
from odmail.smtp.reader import BadSyntax, Unknown, read_command, read_number, read_xtext
from odmail.smtp.registry import Guard, Verb
from odmail.smtp.session import Session
from odmail.smtp.types import Call, Reply, State

_KNOWN = {"SIZE", "BODY", "SMTPUTF8", "RET", "ENVID"}


async def mail(session: Session, argument: bytes) -> Reply:
    """Parameters first, then the sender's right to send."""
    path, parameters = read_command(argument, "FROM", "5.1.7")
    sending = _read(path.address, parameters, session.house.service.sign_in)
    if path.needs_smtputf8 and not sending.smtputf8:
        return Reply(553, "5.6.7", "this sender needs SMTPUTF8")  # RFC 6531 3.4
    if read_number(parameters.get("SIZE", "0")) > session.house.gate.max_size:  # RFC 1870 6.1
        return Reply(552, "5.3.4", "message too big")
    if session.principal is None:
        session.house.gate.sender(sending.sender, None)  # from memory, as the port has it
    elif not await Call(_may_send, session, session.principal, sending.sender):
        session.principal = None
        return Reply(530, "5.7.0", "sign in again")
    session.sending = sending
    return Reply(250, "2.1.0", "sender ok")


def _may_send(session: Session, principal: Principal, sender: str) -> bool:
    """Blocks. False when the sign-in holds no longer; Faults for the sender."""
    sign_in = session.house.sign_in
    if sign_in is not None and not sign_in.still_valid(principal):
        return False
    session.house.gate.sender(sender, principal)
    return True


def _read(sender: str, parameters: dict[str, str], auth: bool) -> Sending:
    known = _KNOWN | {"AUTH"} if auth else _KNOWN  # RFC 4954 5: whom the client trusts is not our concern
    for key in parameters:
        if key not in known:
            raise Unknown(f"parameter {key} not supported")
    body = parameters.get("BODY", "7BIT").upper()
    ret = parameters.get("RET", "").upper()
    if body not in ("7BIT", "8BITMIME") or ret not in ("", "FULL", "HDRS") or parameters.get("SMTPUTF8"):
        raise BadSyntax("bad value of BODY, RET or SMTPUTF8")
    if "RET" in parameters and not ret:
        raise BadSyntax("RET needs a value")
    return Sending(
        sender=sender,
        body=body,
        smtputf8="SMTPUTF8" in parameters,
        ret=ret,
        envid=read_xtext(parameters["ENVID"], 100) if "ENVID" in parameters else "",
    )


def _keywords(session: Session) -> Iterable[str]:
    return (f"SIZE {session.house.gate.max_size}", "8BITMIME", "SMTPUTF8", "DSN")


VERBS = (Verb("MAIL", "5321", mail, {State.READY: State.MAIL}, guard=Guard.SIGN_IN, keywords=_keywords),)
