"""OAUTHBEARER.  RFC 7628"""

import re

from odcore.identity.api import Principal
from odcore.sasl.api import Malformed, Mechanism, Peer, first
from odcore.sasl.bearer import pairs, sign_in

_HEADER = re.compile(rb"[ny],(?:a=([^,\x01]+))?,\x01")  # a GS2 header without channel binding.  RFC 7628 3.1


async def oauthbearer(peer: Peer, initial: bytes | None) -> Principal:
    """The token with the first message; host and port in it are for servers of many names."""
    message = await first(peer, initial)
    header = _HEADER.match(message)
    if header is None:
        raise Malformed("not an OAUTHBEARER message")
    login = (header[1] or b"").replace(b"=2C", b",").replace(b"=3D", b"=").decode("utf-8", "replace")
    said = pairs(message[header.end() :])
    return await sign_in(peer, said.get("auth", ""), login, {"status": "invalid_token", "scope": "mail"})


MECHANISMS = (Mechanism("OAUTHBEARER", "7628", oauthbearer),)
