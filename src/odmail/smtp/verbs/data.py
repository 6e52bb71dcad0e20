"""DATA: the message, up to a line with a lone dot.  RFC 5321 4.1.1.4, 4.5.2"""

from collections.abc import Sequence

from odmail.smtp.reader import BadSyntax
from odmail.smtp.registry import Guard, Verb
from odmail.smtp.session import Session
from odmail.smtp.types import Reply, State
from odmail.wire.dotdata import DotReader

_GO_AHEAD = Reply(354, "", "end with CRLF.CRLF")


async def data(session: Session, argument: bytes) -> Sequence[Reply]:
    """Whatever the message holds, it is read to its one true end before it is answered."""
    if argument.strip():
        raise BadSyntax("DATA takes no argument")
    session.say(_GO_AHEAD)
    reader, content = DotReader(), session.content()
    while not reader.done:
        await content.add(reader.feed(await session.octets()))
    session.push_back(reader.rest)
    return await session.conclude(reader.flaws)


VERBS = (Verb("DATA", "5321", data, {State.RCPT: State.READY}, guard=Guard.SIGN_IN),)
