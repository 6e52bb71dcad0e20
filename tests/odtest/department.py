"""The small department of the tests of the directory."""

from odcore.directory.ops.alias import AddAlias, add_alias
from odcore.directory.ops.charge import Handover, hand_over
from odcore.directory.ops.domain import AddDomain, add_domain
from odcore.directory.ops.group import AddGroup, add_group
from odcore.directory.ops.office import AddOffice, add_office
from odcore.directory.ops.person import AddPerson, add_person
from odcore.directory.ops.post import AddPost, add_post
from odtest.slapd import House

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
