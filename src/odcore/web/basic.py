"""HTTP Basic, for apps that know nothing else.  RFC 7617

Each request of an app signs in again. What was right a moment ago is remembered by its digest and only asked whether
it still holds, so the directory, the password hash and the audit trail see one sign-in, not thousands.
"""

import base64
import binascii
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from odcore import clock, ids
from odcore.errors import Fault, Kind
from odcore.identity.api import Credentials, Principal, SignIn

CHALLENGE = 'Basic realm="odmail", charset="UTF-8"'

_LIFE = 300.0  # seconds
_MOST = 20_000
_LONGEST = 1500  # of the header: a login of 320 and a password of 256 letters, encoded


class Basic:
    """Turns an Authorization header into a principal."""

    def __init__(self, sign_in: SignIn, now: Callable[[], float] = clock.monotonic) -> None:
        self._sign_in = sign_in
        self._now = now
        self._salt = ids.token(32).encode()
        self._lock = Lock()
        self._known: OrderedDict[bytes, tuple[float, Principal]] = OrderedDict()

    def principal(self, header: str, service: str, address: str) -> Principal:
        """Blocks. Faults as `SignIn.sign_in`; LOGIN for what is no Basic header."""
        key = hashlib.blake2b(f"{service} {address} {header}".encode(), key=self._salt, digest_size=32).digest()
        known = self._recall(key)
        if known is None:
            known = self._sign_in.sign_in(_credentials(header, service, address))
            self._keep(key, known)
        return known

    def _recall(self, key: bytes) -> Principal | None:
        with self._lock:
            until, principal = self._known.get(key, (0.0, None))
        if principal is None or self._now() >= until:
            return None
        return principal if self._sign_in.still_valid(principal) else None

    def _keep(self, key: bytes, principal: Principal) -> None:
        with self._lock:
            self._known[key] = (self._now() + _LIFE, principal)
            self._known.move_to_end(key)
            if len(self._known) > _MOST:
                self._known.popitem(last=False)


def _credentials(header: str, service: str, address: str) -> Credentials:
    scheme, _, encoded = header.partition(" ")
    try:
        if scheme.lower() != "basic" or len(header) > _LONGEST:
            raise ValueError
        login, colon, password = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (ValueError, binascii.Error) as error:
        raise Fault(Kind.LOGIN, "Sign in with name and password.") from error
    if not colon:
        raise Fault(Kind.LOGIN, "Sign in with name and password.")
    return Credentials(login.rpartition("\\")[2], password, service, address)  # Windows sends DOMAIN\\user
