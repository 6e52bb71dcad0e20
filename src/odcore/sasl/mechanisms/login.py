"""LOGIN, which older Outlook prefers: two questions.  draft-murchison-sasl-login"""

from odcore.identity.api import Principal
from odcore.sasl.api import Mechanism, Peer
from odcore.sasl.password import check


async def login(peer: Peer, initial: bytes | None) -> Principal:
    """Some clients answer the first question with the command."""
    name = initial if initial is not None else await peer.ask(b"Username:")
    return await check(peer, name, await peer.ask(b"Password:"))


MECHANISMS = (Mechanism("LOGIN", "draft-murchison-sasl-login", login),)
