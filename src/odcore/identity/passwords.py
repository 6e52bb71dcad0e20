"""Password hashes and rules: argon2id in the form OpenLDAP's argon2 module verifies.

Hashing costs 19 MiB and some 20 ms each by intention, so only two run at a time and few may wait.
"""

import unicodedata
from threading import BoundedSemaphore, Lock

from passlib.hash import argon2

from odcore import ids
from odcore.errors import Fault, Kind

SHORTEST = 8
LONGEST = 256  # octets: what costs time or memory by its length must end somewhere
_AT_ONCE = 2
_MOST_WAITING = 100

_hasher = argon2.using(type="ID", memory_cost=19456, rounds=2, parallelism=1)


class _Turnstile:
    """Lets `_AT_ONCE` in, `_MOST_WAITING` wait, and turns others away."""

    def __init__(self) -> None:
        self._gate = BoundedSemaphore(_AT_ONCE)
        self._lock = Lock()
        self._inside = 0

    def __enter__(self) -> None:
        with self._lock:
            if self._inside >= _AT_ONCE + _MOST_WAITING:
                raise Fault(Kind.TRY_LATER, "Too many passwords are being set, try again later.")
            self._inside += 1
        self._gate.acquire()

    def __exit__(self, *_: object) -> None:
        self._gate.release()
        with self._lock:
            self._inside -= 1


_turnstile = _Turnstile()


def prepare(password: str) -> bytes:
    """The octets that are hashed and sent in a bind.  RFC 8265 4.2: NFC, so that every keyboard makes the same."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def check_password(password: str) -> None:
    """Fault BAD_REQUEST when nobody should have this password."""
    octets = prepare(password)
    if not SHORTEST <= len(octets) <= LONGEST:
        raise Fault(Kind.BAD_REQUEST, f"A password has {SHORTEST} to {LONGEST} bytes.")
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in password):
        raise Fault(Kind.BAD_REQUEST, "A password must not hold control characters.")


def hash_password(password: str) -> str:
    """A value for userPassword."""
    check_password(password)
    with _turnstile:
        return "{ARGON2}" + str(_hasher.hash(prepare(password)))


def unusable() -> str:
    """A value for userPassword that nobody can sign in with, and that costs as much to refuse as any other."""
    return hash_password(ids.token(32))
