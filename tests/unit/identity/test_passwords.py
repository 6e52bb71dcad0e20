"""Password rules, hashing within bounds, device passwords."""

from threading import Event, Thread

import pytest
from passlib.hash import argon2

from odcore.errors import Fault, Kind
from odcore.identity import devices, passwords


def test_hashes_are_argon2id_at_the_agreed_cost() -> None:
    """And no two alike."""
    one, two = passwords.hash_password("nilachala-2026"), passwords.hash_password("nilachala-2026")
    assert one.startswith("{ARGON2}$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != two
    assert argon2.verify(passwords.prepare("nilachala-2026"), one.removeprefix("{ARGON2}"))


@pytest.mark.parametrize(
    "password", ["", "1234567", "x" * 257, "ସ" * 86, "tab\tinside", "nul\0inside", "\ud800\ud800\ud800"]
)
def test_unfit_passwords_are_refused(password: str) -> None:
    """A39: bytes count, not letters."""
    with pytest.raises(Fault) as caught:
        passwords.hash_password(password)
    assert caught.value.kind is Kind.BAD_REQUEST


def test_the_crowd_is_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A39: two hash, a hundred wait, the next is told to come back."""
    gate, inside = Event(), []

    class Slow:
        def hash(self, octets: bytes) -> str:
            inside.append(octets)
            gate.wait(10)
            return "x"

    monkeypatch.setattr(passwords, "_hasher", Slow())
    monkeypatch.setattr(passwords, "_turnstile", passwords._Turnstile())
    threads = [Thread(target=passwords.hash_password, args=("long-enough",), daemon=True) for _ in range(102)]
    for thread in threads:
        thread.start()
    while passwords._turnstile._inside < 102:
        pass
    assert len(inside) == 2
    with pytest.raises(Fault) as caught:
        passwords.hash_password("long-enough")
    assert caught.value.kind is Kind.TRY_LATER
    gate.set()
    for thread in threads:
        thread.join()
    assert len(inside) == 102


@pytest.mark.parametrize("_n", range(20))
def test_device_passwords_are_understood_however_typed(_n: int) -> None:
    """Capitals, spaces, no separators."""
    secret = devices.generate()
    bare = secret.replace("-", "")
    assert len(bare) == 20
    for typed in (secret, bare, secret.upper(), secret.replace("-", " ")):
        assert devices.letters(typed) == bare
        assert devices.name_of(bare) == secret[:4]


@pytest.mark.parametrize("text", ["", "abcd", "nilachala-2026", "abcd-efgh-jkmn-pqrs-tuv0", "x" * 21, "*" * 20])
def test_what_is_no_device_password(text: str) -> None:
    assert devices.letters(text) is None
