"""What LIST and UIDL have in common: a word for one message, or for all.  RFC 1939 5, 7"""

from collections.abc import Callable

from odmail.pop3.session import Session
from odmail.pop3.types import Reply

_AT_ONCE = 2000


async def tell(session: Session, argument: bytes, word: Callable[[int], str]) -> Reply | None:
    """`+OK 2 word`, or a line for each message."""
    if argument:
        number = session.message(argument)
        return Reply(f"{number} {word(number)}")
    lines = ["+OK"]
    for number in session.drop.numbers():
        lines.append(f"{number} {word(number)}")
        if len(lines) == _AT_ONCE:
            await session.send("".join(f"{line}\r\n" for line in lines).encode("ascii"))
            lines.clear()
    await session.send("".join(f"{line}\r\n" for line in (*lines, ".")).encode("ascii"))
    return None
