"""RENAMESCRIPT.  RFC 5804 2.11"""

from odmail.mailbox.scripts import RenameScript
from odmail.managesieve.reader import Reader
from odmail.managesieve.registry import command
from odmail.managesieve.session import Session
from odmail.managesieve.types import Reply, State


@command("RENAMESCRIPT", states=State.AUTHENTICATED, rfc="5804 2.11")
async def renamescript(session: Session, args: Reader) -> Reply | None:
    """The active one stays active."""
    old, new = args.text(), args.text()
    args.end()
    _, account = session.who

    def rename() -> None:
        account.rename_script(RenameScript(old, new))
        session.record("filter-renamed", script=old, to=new)

    await session.work(rename)
    return None
