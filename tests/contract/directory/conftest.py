"""One real slapd for each test process, with a small department in it; a fresh one where a test breaks things."""

from collections.abc import Callable, Iterator

import pytest

from odcore.directory.ops.alias import AddAlias, add_alias
from odcore.directory.ops.charge import Handover, hand_over
from odcore.directory.ops.domain import AddDomain, add_domain
from odcore.directory.ops.group import AddGroup, add_group
from odcore.directory.ops.office import AddOffice, add_office
from odcore.directory.ops.person import AddPerson, add_person
from odcore.directory.ops.post import AddPost, add_post
from odcore.identity.settings import IdentitySettings
from odcore.identity.signin import LdapSignIn
from odcore.identity.throttle import Throttle
from odtest.slapd import House, running

PASSWORD = "nilachala-2026"


def populate(house: House) -> None:
    admin = house.admin
    add_domain(admin, AddDomain(name="odisha.example"))
    add_domain(admin, AddDomain(name="ଓଡ଼ିଶା.example"))
    add_office(admin, AddOffice(ou="khordha", name="Collectorate", names={"or": "ଖୋର୍ଦ୍ଧା"}))
    for uid, given, family in (("sasmita.nayak", "Sasmita", "Nayak"), ("bibhu.das", "Bibhu", "Das")):
        add_person(admin, AddPerson(uid=uid, given_name=given, family_name=family, password=PASSWORD, office="khordha"))
    post = add_post(admin, AddPost(cn="collector.khordha", title="Collector, Khordha", office="khordha"))
    hand_over(admin, post, Handover(to="sasmita.nayak", order="GA-1"))
    add_group(admin, AddGroup(cn="officers", members=("sasmita.nayak", "collector.khordha", "far@away.example")))
    add_alias(admin, AddAlias(address="help@odisha.example", targets=("collector.khordha@odisha.example",)))


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
