"""PUTSCRIPT.  RFC 5804 2.6"""

import structlog

from odmail.mailbox.scripts import PutScript, digest
from odmail.managesieve.reader import Reader
from odmail.managesieve.registry import command
from odmail.managesieve.session import Session
from odmail.managesieve.types import Reply, State
from odmail.sieve.compiler import Warned

log = structlog.get_logger()


@command("PUTSCRIPT", states=State.AUTHENTICATED, rfc="5804 2.6")
async def putscript(session: Session, args: Reader) -> Reply | None:
    """Only a valid script takes the place of the one before; what is doubtful in it is told."""
    name, text = args.text(), args.text()
    args.end()
    principal, account = session.who

    def put() -> tuple[Warned, ...]:
        account.check_script_space(name, len(text.encode()))
        warnings = session.house.check(account, text)
        account.put_script(PutScript(name, text))
        session.record("filter-put", script=name, digest=digest(text))
        return warnings

    warnings = await session.work(put)
    log.info("script-put", session=session.id, person=principal.person.uid, account=account.id, script=name)
    return warned(warnings)


def warned(warnings: tuple[Warned, ...]) -> Reply | None:
    """RFC 5804 1.3: one line for each."""
    if not warnings:
        return None
    return Reply("\r\n".join(f"{each.place}: {each.text}" for each in warnings), b"WARNINGS")
