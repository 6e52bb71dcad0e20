"""What OAUTHBEARER and XOAUTH2 share: key=value pairs between control characters, and how they say no.  RFC 7628 3"""

import re
from collections.abc import Mapping

import msgspec

from odcore.errors import Fault, Kind
from odcore.identity.api import BearerToken, Principal
from odcore.sasl.api import Malformed, Peer
from odcore.sasl.password import MOST_LOGIN

_PAIRS = re.compile(r"(?:[A-Za-z]+=[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*\x01)*\x01?\Z")
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)\Z", re.IGNORECASE)  # RFC 6750 2.1


def pairs(text: bytes) -> dict[str, str]:
    """What the client sent, by key."""
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("not a bearer message") from None
    if not _PAIRS.match(decoded):
        raise Malformed("not a bearer message")
    found = (pair.partition("=") for pair in decoded.split("\x01") if pair)
    return {key.lower(): value for key, _, value in found}


async def sign_in(peer: Peer, auth: str, login: str, refusal: Mapping[str, str]) -> Principal:
    """Check the token. One that is refused is explained in JSON, and the client answers before the protocol says no."""
    bearer = _BEARER.match(auth)
    if len(login.encode()) > MOST_LOGIN:
        raise Malformed("not a name")
    token = BearerToken(bearer[1] if bearer else "", login, peer.service, peer.address, peer.client)
    try:
        return await peer.call(peer.sign_in.bear, token)
    except Fault as fault:
        if fault.kind is Kind.LOGIN:
            await peer.ask(msgspec.json.encode(refusal))
        raise
