"""EXTERNAL: the client certificate that TLS has verified says who it is.  RFC 4422 A"""

from odcore.identity.api import Certificate, Principal, SignIn
from odcore.sasl.api import Channel, Malformed, Mechanism, Peer, first
from odcore.sasl.password import MOST_LOGIN


async def external(peer: Peer, initial: bytes | None) -> Principal:
    """The message is the authorization identity: empty for oneself, or a post that one holds."""
    message = await first(peer, initial)
    if len(message) > MOST_LOGIN or b"\0" in message:
        raise Malformed("not a name")
    authzid = message.decode("utf-8", "replace")
    offered = Certificate(peer.channel.addresses, peer.service, peer.address, authzid, peer.client)
    return await peer.call(peer.sign_in.certify, offered)


def _offered(_sign_in: SignIn, channel: Channel) -> bool:
    return bool(channel.addresses)


MECHANISMS = (Mechanism("EXTERNAL", "4422", external, _offered),)
