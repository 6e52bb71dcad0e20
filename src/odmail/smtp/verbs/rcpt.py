"""RCPT: one more recipient.  RFC 5321 4.1.1.3, 3461, 9422"""

from collections.abc import Iterable

from odcore.errors import Fault, Kind
from odmail.queue.model import Recipient
from odmail.smtp.reader import BadSyntax, Unknown, read_command, read_notify, read_orcpt
from odmail.smtp.registry import Guard, Verb
from odmail.smtp.session import Session
from odmail.smtp.types import Call, Pause, Reply, State

_PATIENCE = 5
"""Unknown recipients answered at full speed; who goes on guessing waits."""


async def rcpt(session: Session, argument: bytes) -> Reply:
    """Grammar, then limits, then the gate."""
    path, parameters = read_command(argument, "TO", "5.1.3")
    if not path.local:
        raise BadSyntax("a recipient cannot be empty", "5.1.3")
    recipient = _read(path.address, parameters)
    if path.needs_smtputf8 and not (session.sending and session.sending.smtputf8):
        return Reply(553, "5.6.7", "this recipient needs SMTPUTF8")
    if len(session.recipients) >= session.house.gate.max_recipients:
        return Reply(452, "4.5.3", "too many recipients")
    if not session.house.gate.knows(recipient.address):
        await _ask(session, recipient.address)
    session.recipients.append(recipient)
    return Reply(250, "2.1.5", "recipient ok")


async def _ask(session: Session, address: str) -> None:
    try:
        await Call(session.house.gate.recipient, address, session.principal)
    except Fault as fault:
        await _slow_down(session, fault)
        raise


async def _slow_down(session: Session, fault: Fault) -> None:
    """Those who harvest addresses get them slowly, if at all."""
    if fault.kind is not Kind.NOT_FOUND or session.principal is not None:
        return
    session.unknown += 1
    if session.unknown > _PATIENCE:
        await Pause(1.0)


def _read(address: str, parameters: dict[str, str]) -> Recipient:
    for key in parameters:
        if key not in ("NOTIFY", "ORCPT"):
            raise Unknown(f"parameter {key} not supported")
    return Recipient(
        address=address,
        notify=read_notify(parameters["NOTIFY"]) if "NOTIFY" in parameters else (),
        orcpt=read_orcpt(parameters["ORCPT"]) if "ORCPT" in parameters else "",
    )


def _keywords(session: Session) -> Iterable[str]:
    return (f"LIMITS RCPTMAX={session.house.gate.max_recipients}",)


VERBS = (
    Verb(
        "RCPT",
        "5321",
        rcpt,
        {State.MAIL: State.RCPT, State.RCPT: State.RCPT},
        guard=Guard.SIGN_IN,
        keywords=_keywords,
    ),
)
