"""SCRAM-SHA-256 and SCRAM-SHA-256-PLUS.  RFC 5802, RFC 7677; channel bindings of RFC 5929 and RFC 9266

    client   n,,n=user,r=<client nonce>
    server   r=<client nonce><server nonce>,s=<salt>,i=<iterations>
    client   c=<channel binding>,r=<both nonces>,p=<proof>
    server   v=<signature>

The proof covers the whole exchange, the channel binding among it: who sits in the middle of two TLS connections has
two different bindings, and learns nothing that could be used elsewhere.
"""

import base64
import re
from collections.abc import Callable

import msgspec

from odcore import ids
from odcore.identity.api import Principal, ScramCandidate, ScramLogin, SignIn
from odcore.identity.scram import mac, proves
from odcore.sasl.api import Channel, Malformed, Mechanism, Peer, Run, first
from odcore.sasl.engine import decode
from odcore.sasl.password import MOST_LOGIN

_LONGEST = 2048
_FIRST = re.compile(
    r"(?P<header>(?P<flag>[ny]|p=(?P<binding>[A-Za-z0-9.-]+)),(?:a=(?P<authzid>[^,]+))?,)"
    r"(?P<bare>n=(?P<name>[^,]+),r=(?P<nonce>[\x21-\x2b\x2d-\x7e]+)(?:,[A-Za-z]=[^,]+)*)\Z"
)
_FINAL = re.compile(
    r"(?P<unproved>c=(?P<channel>[A-Za-z0-9+/=]+),r=(?P<nonce>[\x21-\x2b\x2d-\x7e]+)(?:,[A-Za-z]=[^,]+)*)"
    r",p=(?P<proof>[A-Za-z0-9+/=]+)\Z"
)
_ESCAPED = {"=2C": ",", "=3D": "="}


class _Opening(msgspec.Struct, frozen=True):
    """The client's first message."""

    header: str
    binding: str
    authzid: str
    bare: str
    name: str
    nonce: str


def _run(*, plus: bool) -> Run:
    async def scram(peer: Peer, initial: bytes | None) -> Principal:
        opening = _opening(await first(peer, initial), peer.channel, plus=plus)
        login = ScramLogin(opening.name, peer.service, peer.address, opening.authzid, peer.client)
        challenge = await peer.call(peer.sign_in.challenge, login)
        nonce = opening.nonce + ids.token(18)
        salt = base64.b64encode(challenge.salt).decode()
        asked = f"r={nonce},s={salt},i={challenge.iterations}"
        final = _match(_FINAL, await peer.ask(asked.encode()))
        bound = opening.header.encode() + peer.channel.bindings.get(opening.binding, b"")
        message = f"{opening.bare},{asked},{final['unproved']}".encode()
        unspoiled = final["nonce"] == nonce and decode(final["channel"].encode()) == bound
        proved = _proved(decode(final["proof"].encode()), challenge.candidates, message) if unspoiled else None
        principal = await peer.call(peer.sign_in.prove, login, proved)
        if proved is not None:
            signature = mac(proved.verifier.server_key, message)
            await peer.ask(b"v=" + base64.b64encode(signature))  # what comes back is empty
        return principal

    return scram


def _opening(text: bytes, channel: Channel, *, plus: bool) -> _Opening:
    """RFC 5802 6: a client that could have bound itself to the channel, and was made to believe it could not, stops."""
    found = _match(_FIRST, text)
    binding = found["binding"] or ""
    if plus != bool(binding):
        raise Malformed("channel binding goes with the -PLUS mechanism")
    if binding and binding not in channel.bindings:
        raise Malformed("this kind of channel binding is not possible here")
    if found["flag"] == "y" and channel.bindings:
        raise Malformed("the server does offer channel binding")
    return _Opening(
        found["header"], binding, _name(found["authzid"] or ""), found["bare"], _name(found["name"]), found["nonce"]
    )


def _match(pattern: re.Pattern[str], message: bytes) -> re.Match[str]:
    if len(message) > _LONGEST:
        raise Malformed("too long")
    try:
        found = pattern.match(message.decode("utf-8"))
    except UnicodeDecodeError:
        found = None
    if found is None:
        raise Malformed("not a SCRAM message")
    return found


def _name(escaped: str) -> str:
    """RFC 5802 5.1: comma and equals sign are =2C and =3D, and no other equals sign is allowed."""
    if len(escaped) > 3 * MOST_LOGIN or re.search(r"=(?!2C|3D)", escaped):
        raise Malformed("not a name")
    return re.sub("=2C|=3D", lambda found: _ESCAPED[found[0]], escaped)


def _proved(proof: bytes, candidates: tuple[ScramCandidate, ...], message: bytes) -> ScramCandidate | None:
    """Which of them it was; all are tried."""
    fitting = [each for each in candidates if proves(proof, each.verifier, message)]
    return fitting[0] if fitting else None


def _offered(*, plus: bool) -> Callable[[SignIn, Channel], bool]:
    """Only where everybody has a verifier: clients take the best they are offered, and do not try the next one."""
    return lambda sign_in, channel: sign_in.scram and (bool(channel.bindings) or not plus)


MECHANISMS = (
    Mechanism("SCRAM-SHA-256-PLUS", "7677", _run(plus=True), _offered(plus=True)),
    Mechanism("SCRAM-SHA-256", "7677", _run(plus=False), _offered(plus=False)),
)
