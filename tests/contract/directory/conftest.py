"""One real slapd for each test process, with a small department in it; a fresh one where a test breaks things."""

from collections.abc import Callable, Iterator

import pytest

from odcore.identity.settings import IdentitySettings
from odcore.identity.signin import LdapSignIn
from odcore.identity.throttle import Throttle
from odtest.department import populate
from odtest.slapd import House, running


@pytest.fixture(scope="session")
def _shared() -> Iterator[House]:
    with running() as house:
        populate(house)
        yield house


@pytest.fixture
def house(_shared: House) -> House:
    """The shared department: a test adds what it needs under names of its own, and changes nothing else."""
    _shared.events.clear()
    _shared.sent.clear()
    return _shared


@pytest.fixture
def fresh() -> Iterator[House]:
    """A department of the test's own."""
    with running() as house:
        populate(house)
        yield house


@pytest.fixture
def signing() -> Callable[..., LdapSignIn]:
    """Makes a sign-in over a house."""

    def make(house: House, throttle: Throttle | None = None, **settings: object) -> LdapSignIn:
        rules = IdentitySettings(**settings)  # type: ignore[arg-type]
        return LdapSignIn(house.directory, house.link, throttle or Throttle(), house.record, rules)

    return make
