"""HELP.  RFC 5321 4.1.1.8"""

from collections.abc import Iterable

from odmail.smtp.registry import EVERYWHERE, Verb
from odmail.smtp.session import Session
from odmail.smtp.types import Reply


async def list_verbs(session: Session, _argument: bytes) -> Reply:
    """The verbs of this server."""
    house = session.house
    return Reply(
        214,
        "2.0.0",
        " ".join(sorted(verb.name for verb in session.table.verbs.values() if verb.offered(house.service))),
    )


def _keywords(_session: Session) -> Iterable[str]:
    return ("HELP",)


VERBS = (Verb("HELP", "5321", list_verbs, EVERYWHERE, junk=True, keywords=_keywords),)
