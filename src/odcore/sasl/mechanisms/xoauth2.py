"""XOAUTH2, what clients spoke before OAUTHBEARER and most still do. No standard; Google's description of 2012."""

from odcore.identity.api import Principal
from odcore.sasl.api import Malformed, Mechanism, Peer, first
from odcore.sasl.bearer import pairs, sign_in

_REFUSED = {"status": "401", "schemes": "bearer", "scope": "mail"}


async def xoauth2(peer: Peer, initial: bytes | None) -> Principal:
    """user=...^Aauth=Bearer ...^A^A"""
    said = pairs(await first(peer, initial))
    if not said.get("user"):
        raise Malformed("XOAUTH2 names a user")
    return await sign_in(peer, said.get("auth", ""), said["user"], _REFUSED)


MECHANISMS = (Mechanism("XOAUTH2", "none", xoauth2),)
