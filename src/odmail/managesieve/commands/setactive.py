"""SETACTIVE.  RFC 5804 2.8"""

import structlog

from odmail.managesieve.reader import Reader
from odmail.managesieve.registry import command
from odmail.managesieve.session import Session
from odmail.managesieve.types import Reply, State

log = structlog.get_logger()


@command("SETACTIVE", states=State.AUTHENTICATED, rfc="5804 2.8")
async def setactive(session: Session, args: Reader) -> Reply | None:
    """The empty name switches all off."""
    name = args.text()
    args.end()
    principal, account = session.who

    def activate() -> None:
        account.activate_script(name)
        session.record("filter-activated" if name else "filters-off", script=name)

    await session.work(activate)
    log.info("script-active", session=session.id, person=principal.person.uid, account=account.id, script=name)
    return None
