"""DELETESCRIPT.  RFC 5804 2.10"""

from odmail.managesieve.reader import Reader
from odmail.managesieve.registry import command
from odmail.managesieve.session import Session
from odmail.managesieve.types import Reply, State


@command("DELETESCRIPT", states=State.AUTHENTICATED, rfc="5804 2.10")
async def deletescript(session: Session, args: Reader) -> Reply | None:
    """But not the active one."""
    name = args.text()
    args.end()
    _, account = session.who

    def delete() -> None:
        account.delete_script(name)
        session.record("filter-deleted", script=name)

    await session.work(delete)
    return None
