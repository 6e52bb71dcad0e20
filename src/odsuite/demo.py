"""The demonstration department: twelve officers, five posts, three offices, a list, an alias. All invented."""

from collections.abc import Callable
from functools import partial

import msgspec

from odcore import clock
from odcore.directory.admin import Admin
from odcore.directory.ops.alias import AddAlias, add_alias
from odcore.directory.ops.charge import Handover, hand_over
from odcore.directory.ops.domain import AddDomain, add_domain
from odcore.directory.ops.group import AddGroup, add_group
from odcore.directory.ops.office import AddOffice, add_office
from odcore.directory.ops.person import AddPerson, add_person
from odcore.directory.ops.post import AddPost, add_post
from odcore.errors import Fault, Kind
from odmail.trust.dkim_keys import Keys
from odsuite.loopback import DOMAIN, SECOND

PASSWORD = "nilachala-2026"  # noqa: S105 - printed at every start, for a suite on loopback
"""Everybody's, in the demonstration."""


class DemoLogin(msgspec.Struct, frozen=True):
    """One line of the table that is printed."""

    kind: str
    name: str
    login: str
    password: str
    note: str = ""


_OFFICES = (
    AddOffice(ou="revenue", name="Revenue and Disaster Management Department", names={"or": "ରାଜସ୍ୱ ବିଭାଗ"}),
    AddOffice(ou="khordha", name="Collectorate, Khordha", names={"or": "ଜିଲ୍ଲାପାଳଙ୍କ କାର୍ଯ୍ୟାଳୟ, ଖୋର୍ଦ୍ଧା"}, parent="revenue"),
    AddOffice(ou="puri", name="Collectorate, Puri", names={"or": "ଜିଲ୍ଲାପାଳଙ୍କ କାର୍ଯ୍ୟାଳୟ, ପୁରୀ"}, parent="revenue"),
)

_PEOPLE = (
    ("Sasmita", "Nayak", "ସସ୍ମିତା ନାୟକ", "khordha", "Collector"),
    ("Bibhuti", "Das", "ବିଭୂତି ଦାସ", "puri", "Collector"),
    ("Anjali", "Mohanty", "ଅଞ୍ଜଳି ମହାନ୍ତି", "revenue", "Principal Secretary"),
    ("Prakash", "Behera", "ପ୍ରକାଶ ବେହେରା", "khordha", "Sub-Collector"),
    ("Lipika", "Sahoo", "ଲିପିକା ସାହୁ", "khordha", "Tahasildar"),
    ("Ramesh", "Pradhan", "ରମେଶ ପ୍ରଧାନ", "puri", "Additional District Magistrate"),
    ("Sujata", "Panda", "ସୁଜାତା ପଣ୍ଡା", "revenue", "Under Secretary"),
    ("Debasish", "Rout", "ଦେବାଶିଷ ରାଉତ", "revenue", "Section Officer"),
    ("Mamata", "Jena", "ମମତା ଜେନା", "revenue", "Assistant Section Officer"),
    ("Abdul", "Rahim", "ଅବଦୁଲ ରହିମ", "puri", "Senior Clerk"),
    ("Sunita", "Hembram", "ସୁନୀତା ହେମ୍ବ୍ରମ", "khordha", "Junior Clerk"),
    ("Arjun", "Majhi", "ଅର୍ଜୁନ ମାଝୀ", "puri", "Diarist"),
)

_POSTS = (
    ("collector.khordha", "Collector and District Magistrate, Khordha", "ଜିଲ୍ଲାପାଳ, ଖୋର୍ଦ୍ଧା", "khordha", "sasmita.nayak"),
    ("collector.puri", "Collector and District Magistrate, Puri", "ଜିଲ୍ଲାପାଳ, ପୁରୀ", "puri", "bibhuti.das"),
    ("secretary.revenue", "Principal Secretary, Revenue", "ପ୍ରମୁଖ ଶାସନ ସଚିବ, ରାଜସ୍ୱ", "revenue", "anjali.mohanty"),
    ("tahasildar.bhubaneswar", "Tahasildar, Bhubaneswar", "ତହସିଲଦାର, ଭୁବନେଶ୍ୱର", "khordha", "lipika.sahoo"),
    ("control.room", "Emergency Operation Center", "ଜରୁରୀକାଳୀନ ନିୟନ୍ତ୍ରଣ କକ୍ଷ", "revenue", "sujata.panda"),
)

_LIST = AddGroup(
    cn="all.collectors",
    name="All Collectors",
    members=("collector.khordha", "collector.puri", "secretary.revenue"),
)
_ROLES = (
    AddGroup(cn="portal.admins", name="Portal administrators", members=("anjali.mohanty",), senders="members"),
    AddGroup(
        cn="nodal.khordha",
        name="Nodal officers, Khordha",
        members=("prakash.behera", "lipika.sahoo"),
        senders="members",
    ),
    AddGroup(cn="nodal.puri", name="Nodal officer, Puri", members=("ramesh.pradhan",), senders="members"),
)
_ALIAS = AddAlias(address=f"postmaster@{DOMAIN}", targets=(f"debasish.rout@{DOMAIN}",), reserved=True)


def seed(admin: Admin) -> list[DemoLogin]:
    """Make what is missing; what is there, changed or not, stays as it is."""
    for name in (DOMAIN, SECOND):
        _once(partial(add_domain, admin, AddDomain(name=name)))
    for office in _OFFICES:
        _once(partial(add_office, admin, office))
    for person in map(_person, _PEOPLE):
        _once(partial(add_person, admin, person))
    for cn, title, odia, office_ou, holder in _POSTS:
        _post(admin, AddPost(cn=cn, title=title, names={"or": odia}, office=office_ou), holder)
    for group in (_LIST, *_ROLES):
        _once(partial(add_group, admin, group))
    _once(partial(add_alias, admin, _ALIAS))
    return _logins(admin)


def make_keys(keys: Keys) -> None:
    """What leaves the demonstration department is signed."""
    for domain in (DOMAIN, SECOND):
        if not keys.of(domain):
            keys.generate(domain)


def _person(row: tuple[str, str, str, str, str]) -> AddPerson:
    given, family, odia, office, title = row
    return AddPerson(
        uid=f"{given}.{family}".lower(),
        given_name=given,
        family_name=family,
        names={"or": odia},
        office=office,
        title=title,
        password=PASSWORD,
    )


def _post(admin: Admin, wanted: AddPost, holder: str) -> None:
    _once(partial(add_post, admin, wanted))
    post = admin.directory.post(wanted.cn)
    if not post.charges:  # new, or a first start was cut short here
        hand_over(admin, post, Handover(to=holder, order="DEMO-1/2026"))


def _once(make: Callable[[], object]) -> None:
    try:
        make()
    except Fault as fault:
        if fault.kind is not Kind.EXISTS:
            raise


def _logins(admin: Admin) -> list[DemoLogin]:
    """As the directory has them now; the passwords are those of a fresh department."""
    logins = [
        DemoLogin("person", person.name, person.addresses[0], PASSWORD, person.title)
        for person in map(admin.directory.person, (_person(row).uid for row in _PEOPLE))
    ]
    now = clock.now()
    for post in (admin.directory.post(row[0]) for row in _POSTS):
        holders = ", ".join(admin.directory.person(holder).uid for holder in post.holders(now)) or "nobody"
        how = f"odmail device-password add {holders} --post {post.cn}"
        logins.append(DemoLogin("post", post.title, post.addresses[0], "", f"held by {holders}: {how}"))
    logins.append(DemoLogin("list", _LIST.name, f"{_LIST.cn}@{DOMAIN}", "", "the collectors and the secretary"))
    logins.append(DemoLogin("alias", "Postmaster", _ALIAS.address, "", f"leads to {_ALIAS.targets[0]}"))
    return logins
