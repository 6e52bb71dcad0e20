"""A name and a password in the clear, however they came: SASL PLAIN and LOGIN, IMAP LOGIN, POP3 USER and PASS."""

from odcore.errors import Fault, Kind
from odcore.identity.api import Credentials, Principal
from odcore.sasl.api import Malformed, Peer

MOST_LOGIN = 255
MOST_PASSWORD = 256
"""Octets."""


async def check(peer: Peer, login: bytes, password: bytes, authzid: bytes = b"") -> Principal:
    """Sign in with it. Faults as `SignIn.sign_in`; Malformed where it is not UTF-8."""
    if len(login) > MOST_LOGIN or len(password) > MOST_PASSWORD or len(authzid) > MOST_LOGIN:
        raise Fault(Kind.LOGIN, "The name or the password is wrong.")
    try:
        texts = login.decode("utf-8"), password.decode("utf-8"), authzid.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("name and password must be UTF-8") from None
    offered = Credentials(texts[0], texts[1], peer.service, peer.address, texts[2], peer.client)
    return await peer.call(peer.sign_in.sign_in, offered)
