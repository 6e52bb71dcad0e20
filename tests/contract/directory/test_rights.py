"""Who administers which offices."""

from odcore.directory.ops.charge import Handover, hand_over
from odcore.directory.ops.group import AddGroup, add_group
from odcore.directory.ops.office import AddOffice, add_office
from odcore.directory.ops.post import AddPost, add_post
from odcore.identity.access import DirectoryAccess
from odcore.identity.api import Principal
from odcore.identity.rights import Rights, administers, rights
from odtest.slapd import House


class _NoGrants:
    def __getattr__(self, name: str):
        return lambda *_: ()


def of(house: House, uid: str) -> Rights:
    person = house.directory.person(uid)
    principal = Principal(person, house.directory.account(person.id))
    return rights(house.directory, DirectoryAccess(house.directory, _NoGrants()), principal)


def test_nobody_administers_anything_without_a_group(fresh):
    add_group(fresh.admin, AddGroup(cn="nodal.nowhere", members=("bibhu.das",)))
    assert not of(fresh, "bibhu.das")
    assert not of(fresh, "bibhu.das").cover([])


def test_an_office_comes_with_all_below_it_and_none_beside(fresh):
    for ou, parent in (("khordha.land", "khordha"), ("khordha.land.records", "khordha.land"), ("puri", "")):
        add_office(fresh.admin, AddOffice(ou=ou, name=ou, parent=parent))
    add_group(fresh.admin, AddGroup(cn="nodal.khordha", members=("bibhu.das",)))
    names = {fresh.directory.office(each).ou for each in of(fresh, "bibhu.das").offices}
    assert names == {"khordha", "khordha.land", "khordha.land.records"}
    assert not of(fresh, "bibhu.das").cover([fresh.directory.office("puri").id])


def test_a_right_of_a_post_goes_with_its_charge(fresh):
    add_group(fresh.admin, AddGroup(cn="portal.admins", members=("collector.khordha",)))
    assert of(fresh, "sasmita.nayak").agency
    hand_over(fresh.admin, fresh.directory.post("collector.khordha"), Handover(to="bibhu.das", order="GA-2"))
    assert not of(fresh, "sasmita.nayak")
    assert of(fresh, "bibhu.das").agency


def test_nobody_changes_who_administers_more_or_holds_a_post_elsewhere(fresh):
    add_office(fresh.admin, AddOffice(ou="puri", name="Puri"))
    add_group(fresh.admin, AddGroup(cn="nodal.khordha", members=("bibhu.das",)))
    sasmita, mine = fresh.directory.person("sasmita.nayak"), of(fresh, "bibhu.das")
    assert administers(fresh.directory, mine, sasmita)
    assert administers(fresh.directory, mine, fresh.directory.post("collector.khordha"))
    add_post(fresh.admin, AddPost(cn="collector.puri", title="Collector, Puri", office="puri"))
    hand_over(fresh.admin, fresh.directory.post("collector.puri"), Handover(to="sasmita.nayak", order="GA-3"))
    assert not administers(fresh.directory, mine, sasmita)
    assert not administers(fresh.directory, mine, fresh.directory.post("collector.puri"))
    add_group(fresh.admin, AddGroup(cn="portal.admins", members=("collector.khordha",)))
    assert not administers(fresh.directory, mine, fresh.directory.post("collector.khordha"))
