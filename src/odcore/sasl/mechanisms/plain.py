"""PLAIN.  RFC 4616"""

from odcore.identity.api import Principal
from odcore.sasl.api import Malformed, Mechanism, Peer, first
from odcore.sasl.password import check


async def plain(peer: Peer, initial: bytes | None) -> Principal:
    """authzid NUL authcid NUL password, in one message."""
    fields = (await first(peer, initial)).split(b"\0")
    if len(fields) != 3:
        raise Malformed("PLAIN takes three fields")
    authzid, login, password = fields
    return await check(peer, login, password, authzid)


MECHANISMS = (Mechanism("PLAIN", "4616", plain),)
