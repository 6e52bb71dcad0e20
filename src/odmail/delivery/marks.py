"""Message-IDs of invitations: who sends one back has got it from us, and for that recipient.  RFC 5322 3.6.4"""

import hmac
import re
from hashlib import blake2b

from odmail.delivery.secret import Secret

_OURS = re.compile(r"<([0-9a-f]{20})\.([0-9a-f]{30})@[^<>@]+>")


class Marks:
    """Only the recipient and the servers on the way know one."""

    def __init__(self, host: str, secret: Secret) -> None:
        self._host = host
        self._secret = secret

    def message_id(self, id: str, to: str) -> str:
        """The same for the same message to the same recipient."""
        which = blake2b(id.encode(), digest_size=10).hexdigest()
        return f"<{which}.{self._secret.digest(_told(which, to)).hex()[:30]}@{self._host}>"

    def is_ours(self, message_id: str, to: str) -> bool:
        """Was this given to what went to them?"""
        found = _OURS.fullmatch(message_id.strip())
        if not found:
            return False
        return any(hmac.compare_digest(each.hex()[:30], found[2]) for each in self._secret.digests(_told(found[1], to)))


def _told(which: str, to: str) -> bytes:
    return f"{which}\0{to.lower()}".encode()
