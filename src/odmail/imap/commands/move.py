"""MOVE and UID MOVE.  RFC 6851, RFC 9051 6.4.8"""

from odmail.imap import vanished
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.transferring import copyuid, transfer
from odmail.imap.types import Reply, State, Touches


@command("MOVE", states=State.SELECTED, rfc="9051 6.4.8", capability="MOVE", uid=True, touches=Touches.LOOKS, long=True)
async def move(session: Session, args: Reader) -> Reply | None:
    """Put messages into another mailbox instead. Uids that are gone are no error: iOS keeps ghosts otherwise."""
    moved = await transfer(session, args, move=True)
    if isinstance(moved, Reply):
        return moved
    code = copyuid(moved)
    if code:  # before the EXPUNGEs, so that the client knows where they went.  RFC 6851 4.3
        session.write(b"* OK [%b] Moved\r\n" % code)
    return vanished.completed(session, moved.modseq)
