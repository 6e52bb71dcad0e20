"""Sign-ins remembered as digests."""

from odcore.identity.remember import Remembered
from odcore.identity.threshold import Ground
from odcore.ids import AccountId

A, B, C = (AccountId(letter) for letter in "abc")


def test_only_the_very_same_credentials_are_recognized() -> None:
    """Where one part ends and the next begins matters."""
    remembered = Remembered(300)
    key = remembered.key("login", "imap", b"password")
    others = [("loginimap", "", b"password"), ("login", "imap", b"Password"), ("login", "dav", b"password")]
    assert key not in [remembered.key(*other) for other in others]
    assert Remembered(300).key("login", "imap", b"password") != key
    assert b"password" not in key


def test_changes_drop_whom_they_concern() -> None:
    remembered = Remembered(300, now=lambda: 0.0)
    for key, known in ((b"1", Ground(A, A)), (b"2", Ground(A, C, "d")), (b"3", Ground(B, B))):
        remembered.keep(key, known, 0)
    remembered.drop(frozenset({C}))
    assert [remembered.get(key) is not None for key in (b"1", b"2", b"3")] == [True, False, True]
    remembered.drop(frozenset({A}))
    assert [remembered.get(key) is not None for key in (b"1", b"2", b"3")] == [False, False, True]


def test_time_ends_and_late_answers_are_not_kept() -> None:
    """A sign-in that was checked before a change does not count after it."""
    now = [0.0]
    remembered = Remembered(300, now=lambda: now[0])
    remembered.keep(b"1", Ground(A, A), remembered.generation)
    now[0] = 301
    assert remembered.get(b"1") is None
    before = remembered.generation
    remembered.drop(frozenset({A}))
    remembered.keep(b"2", Ground(A, A), before)
    assert remembered.get(b"2") is None
