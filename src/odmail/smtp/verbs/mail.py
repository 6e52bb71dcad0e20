"""MAIL: a transaction begins with its sender.  RFC 5321 4.1.1.2, 1870, 6152, 6531, 3461, 4954 5, 4865, 8689"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from odcore import clock
from odcore.identity.api import Principal
from odmail.smtp.intake import Sending
from odmail.smtp.reader import BadSyntax, Unknown, read_command, read_number, read_xtext
from odmail.smtp.registry import Guard, Verb
from odmail.smtp.session import Session
from odmail.smtp.types import Call, Reply, State

_KNOWN = {"SIZE", "BODY", "SMTPUTF8", "RET", "ENVID"}
_OF_PEOPLE = {"AUTH", "HOLDFOR", "HOLDUNTIL"}
"""Known where people sign in. AUTH: whom the client trusts is not our concern (RFC 4954 5)."""

_LATEST = timedelta(days=60)
"""So far ahead may a message be sent (RFC 4865 4)."""

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)  # RFC 3339 5.6


async def mail(session: Session, argument: bytes) -> Reply:
    """Parameters first, then the sender's right to send."""
    path, parameters = read_command(argument, "FROM", "5.1.7")
    sending = _read(path.address, parameters, _known(session))
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


def _known(session: Session) -> set[str]:
    """What may be said here and now."""
    people = _OF_PEOPLE if session.house.service.sign_in else set()
    return _KNOWN | people | ({"REQUIRETLS"} if session.tls else set())


def _read(sender: str, parameters: dict[str, str], known: set[str]) -> Sending:
    for key in parameters:
        if key not in known:
            raise Unknown(f"parameter {key} not supported")
    body = parameters.get("BODY", "7BIT").upper()
    ret = parameters.get("RET", "").upper()
    if body not in ("7BIT", "8BITMIME") or ret not in ("", "FULL", "HDRS") or parameters.get("SMTPUTF8"):
        raise BadSyntax("bad value of BODY, RET or SMTPUTF8")
    if "RET" in parameters and not ret:
        raise BadSyntax("RET needs a value")
    if parameters.get("REQUIRETLS"):
        raise BadSyntax("REQUIRETLS takes no value")
    return Sending(
        sender=sender,
        body=body,
        smtputf8="SMTPUTF8" in parameters,
        ret=ret,
        envid=read_xtext(parameters["ENVID"], 100) if "ENVID" in parameters else "",
        release=_read_release(parameters.get("HOLDFOR"), parameters.get("HOLDUNTIL")),
        requiretls="REQUIRETLS" in parameters,
    )


def _read_release(seconds: str | None, instant: str | None) -> int:
    """When it is to be sent, seconds since the epoch; 0 for now, and for what is past.  RFC 4865 4"""
    if seconds is not None and instant is not None:
        raise BadSyntax("HOLDFOR or HOLDUNTIL, not both")
    now = clock.now()
    release = now
    if seconds is not None:
        release = now + timedelta(seconds=read_number(seconds, 9))
    elif instant is not None:
        release = _read_date_time(instant)
    if release > now + _LATEST:
        raise BadSyntax(f"a message can be sent at most {_LATEST.days} days later")
    return round(release.timestamp()) if release > now else 0


def _read_date_time(text: str) -> datetime:
    if not _DATE_TIME.fullmatch(text):
        raise BadSyntax("malformed HOLDUNTIL")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadSyntax("malformed HOLDUNTIL") from None


def _keywords(session: Session) -> Iterable[str]:
    found = [f"SIZE {session.house.gate.max_size}", "8BITMIME", "SMTPUTF8", "DSN"]
    if session.tls:  # RFC 8689 2
        found.append("REQUIRETLS")
    if session.house.service.sign_in:
        latest = clock.now() + _LATEST
        found.append(f"FUTURERELEASE {round(_LATEST.total_seconds())} {latest:%Y-%m-%dT%H:%M:%SZ}")
    return found


VERBS = (Verb("MAIL", "5321", mail, {State.READY: State.MAIL}, guard=Guard.SIGN_IN, keywords=_keywords),)
