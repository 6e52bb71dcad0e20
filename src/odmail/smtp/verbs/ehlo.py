"""EHLO, HELO and LHLO: hello, and what this server can do.  RFC 5321 4.1.1.1, RFC 2033 4.1"""

from collections.abc import Iterable

from odmail.smtp.reader import BadSyntax
from odmail.smtp.registry import TO_READY, Verb
from odmail.smtp.session import Session
from odmail.smtp.types import Reply

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]")


async def hello(session: Session, argument: bytes) -> Reply:
    """HELO."""
    await _introduce(session, argument)
    session.extended = False
    return Reply(250, "", session.house.host)


async def hello_extended(session: Session, argument: bytes) -> Reply:
    """EHLO and LHLO."""
    await _introduce(session, argument)
    session.extended = True
    offered = (verb for verb in session.table.verbs.values() if verb.offered(session.house.service))
    found = (keyword for verb in offered for keyword in verb.keywords(session))
    keywords = sorted(
        found, key=lambda keyword: (keyword == "SMTPUTF8", keyword)
    )  # gsasl misses a STARTTLS that is last
    return Reply(250, "", "\n".join((session.house.host, *keywords)))


async def _introduce(session: Session, argument: bytes) -> None:
    """The name is written down and believed by nobody: clients on submission say anything (RFC 5321 4.1.4)."""
    words = argument.decode("utf-8", "replace").split()
    if not words:
        raise BadSyntax("say who you are")
    await session.reset()
    session.helo = "".join(letter if letter in _PLAIN else "?" for letter in words[0][:255])


def _keywords(_session: Session) -> Iterable[str]:
    return ("PIPELINING", "ENHANCEDSTATUSCODES")


VERBS = (
    Verb("HELO", "5321", hello, TO_READY, junk=True, offered=lambda service: not service.lmtp),
    Verb(
        "EHLO",
        "5321",
        hello_extended,
        TO_READY,
        junk=True,
        offered=lambda service: not service.lmtp,
        keywords=_keywords,
    ),
    Verb("LHLO", "2033", hello_extended, TO_READY, junk=True, offered=lambda service: service.lmtp, keywords=_keywords),
)
