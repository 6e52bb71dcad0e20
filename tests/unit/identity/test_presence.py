"""Sessions by account."""

import pytest

from odcore.errors import Fault, Kind
from odcore.identity.presence import MOST, Presence
from odcore.ids import AccountId

A, B = AccountId("a"), AccountId("b")


def test_an_account_has_so_many_sessions_and_another_its_own() -> None:
    """Who leaves makes room; the promise is at least twenty."""
    presence = Presence(2)
    presence.enter(A)
    presence.enter(A)
    with pytest.raises(Fault) as caught:
        presence.enter(A)
    assert caught.value.kind is Kind.LIMIT
    presence.enter(B)
    presence.leave(A)
    presence.enter(A)
    assert MOST >= 20
