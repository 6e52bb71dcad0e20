"""Use cases that change the directory: what they refuse, what they leave behind, what they tell."""

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from odcore import clock
from odcore.directory.admin import Admin
from odcore.directory.model import Person
from odcore.directory.ops.alias import AddAlias, add_alias, edit_alias
from odcore.directory.ops.charge import Handover, hand_over
from odcore.directory.ops.check import check
from odcore.directory.ops.domain import AddDomain, add_domain, make_default, set_languages
from odcore.directory.ops.exchange import export, load
from odcore.directory.ops.group import AddGroup, EditGroup, add_group, edit_group
from odcore.directory.ops.office import AddOffice, EditOffice, add_office, edit_office
from odcore.directory.ops.person import AddPerson, EditPerson, add_person, edit_person, set_password
from odcore.directory.ops.post import AddPost, EditPost, add_post, edit_post
from odcore.directory.ops.removal import delete
from odcore.directory.ops.unsubscribe import unsubscribe
from odcore.errors import Fault, Kind
from odsuite.demo import seed
from odtest.slapd import House, running


def kind_of(call, *arguments) -> Kind:
    with pytest.raises(Fault) as caught:
        call(*arguments)
    return caught.value.kind


def test_addresses_are_unique_across_all_kinds(house: House) -> None:
    """A person, a post, a list and an alias cannot share an address, in whatever spelling."""
    admin = house.admin
    for address in ("sasmita.nayak", "COLLECTOR.khordha", "officers", "Help"):
        wanted = f"{address}@ODISHA.example"
        assert kind_of(add_person, admin, AddPerson(uid="taker", family_name="x", addresses=(wanted,))) is Kind.EXISTS
        assert kind_of(add_post, admin, AddPost(cn="taker", title="x", addresses=(wanted,))) is Kind.EXISTS
        assert kind_of(add_group, admin, AddGroup(cn="taker", addresses=(wanted,))) is Kind.EXISTS
        assert kind_of(add_alias, admin, AddAlias(address=wanted, targets=("bibhu.das@odisha.example",))) is Kind.EXISTS


@pytest.mark.parametrize("name", ["postmaster", "Abuse", "root", "admin"])
def test_reserved_names_need_a_word(house: House, name: str) -> None:
    """A36: nobody gets postmaster by mistake."""
    assert kind_of(add_person, house.admin, AddPerson(uid=name, family_name="x")) is Kind.DENIED


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "a..b",
        ".a",
        "a b",
        "a\0b",
        "a/b",
        "а.nayak",
        "ａlice",
        "a\u200bb",
        "a+b",
        "x" * 65,
        "a,b",
        "r\u0b66ot",
        "sasmita.n\u0966yak",
        "sasmita\u0b01",
    ],
)
def test_unfit_names_are_refused(house: House, name: str) -> None:
    """A36: paths, controls, look-alikes in mixed scripts, full-width and invisible letters."""
    assert kind_of(add_person, house.admin, AddPerson(uid=name, family_name="x")) in (Kind.BAD_REQUEST, Kind.DENIED)


def test_foreign_domains_are_not_ours_to_give(house: House) -> None:
    wanted = AddPerson(uid="far", family_name="x", addresses=("far@elsewhere.example",))
    assert kind_of(add_person, house.admin, wanted) is Kind.BAD_REQUEST


def test_every_change_is_recorded_and_told(house: House) -> None:
    """P30: one event for each change, with who and what; no secret in it; the bus hears the ids."""
    admin = house.admin
    person = add_person(admin, AddPerson(uid="recorded", family_name="x", password="secret-word-1"))
    edit_person(admin, person, EditPerson(title="Clerk", mobile="+91 94370 00000", quota=5, names={"or": "ଲେଖା"}))
    set_password(admin, person, "secret-word-2")
    delete(admin, person)
    names = [event for event, *_ in house.events]
    assert names == ["person-added", "person-edited", "person-password-set", "person-deleted"]
    assert {subject for _, _, subject, _ in house.events} == {person.id}
    assert all(person.id in message.ids for message in house.sent)
    assert "secret-word" not in repr(house.events)


@pytest.mark.parametrize(
    "evil", ["A\r\nBcc: all@odisha.example", "A\nB", "A\x1b[2J", "A\u2028B", "gpj.\u202egnp", "A\x85B"]
)
def test_no_name_or_title_ends_a_line_or_turns_it_around(house: House, evil: str) -> None:
    """A12, P28: whoever wrote it, by a page, the API, a sheet or a command."""
    person = house.directory.person("bibhu.das")
    changes: list[Callable[[], object]] = [
        lambda: edit_person(house.admin, person, EditPerson(name=evil)),
        lambda: edit_person(house.admin, person, EditPerson(title=evil)),
        lambda: edit_person(house.admin, person, EditPerson(names={"or": evil})),
        lambda: add_person(house.admin, AddPerson(uid="evil.one", family_name=evil)),
        lambda: add_post(house.admin, AddPost(cn="evil.post", title=evil)),
        lambda: add_office(house.admin, AddOffice(ou="evil", name=evil)),
        lambda: add_group(house.admin, AddGroup(cn="evil.list", name=evil)),
    ]
    for change in changes:
        with pytest.raises(Fault) as refused:
            change()
        assert refused.value.kind is Kind.BAD_REQUEST
    edited = edit_person(house.admin, person, EditPerson(names={"or": "କ୍\u200dଷ", "hi": "क्\u200cष"}))
    assert edited.names["or"] == "କ୍\u200dଷ"


def test_edit_changes_what_is_named_only(house: House) -> None:
    """The rest stays; an empty text removes."""
    admin = house.admin
    person = add_person(admin, AddPerson(uid="edited", given_name="A", family_name="B", title="Clerk", mobile="1"))
    after = edit_person(admin, person, EditPerson(title="", addresses=("edited@odisha.example", "e@odisha.example")))
    assert (after.title, after.mobile, after.given_name) == ("", "1", "A")
    assert after.addresses == ("edited@odisha.example", "e@odisha.example")
    assert edit_person(admin, after, EditPerson()) == after


def test_short_and_long_passwords_are_refused(house: House) -> None:
    """A39: 8 to 256 bytes; nor one's own name."""
    person = house.directory.person("bibhu.das")
    for password in ("1234567", "x" * 257, "with\0nul-in-it", "bibhu.das", "Bibhu.Das@odisha.example"):
        assert kind_of(set_password, house.admin, person, password) is Kind.BAD_REQUEST


def test_what_others_lean_on_cannot_be_deleted(house: House) -> None:
    """A holder, also a future one; an alias's target; an office with people; the default domain and one in use."""
    admin = house.admin
    person = add_person(admin, AddPerson(uid="leaned", family_name="x"))
    post = add_post(admin, AddPost(cn="leaning", title="x"))
    hand_over(admin, post, Handover(to="leaned", order="GA-1", at=clock.now() + timedelta(days=9)))
    assert kind_of(delete, admin, person) is Kind.IN_USE
    assert kind_of(delete, admin, house.directory.office("khordha")) is Kind.IN_USE
    target = add_person(admin, AddPerson(uid="target", family_name="x"))
    add_alias(admin, AddAlias(address="to.target@odisha.example", targets=("target@odisha.example",)))
    assert kind_of(delete, admin, target) is Kind.IN_USE
    assert kind_of(delete, admin, house.directory.domain("odisha.example")) is Kind.IN_USE
    add_domain(admin, AddDomain(name="used.example"))
    add_person(admin, AddPerson(uid="user", family_name="x", addresses=("user@used.example",)))
    assert kind_of(delete, admin, house.directory.domain("used.example")) is Kind.IN_USE


def test_deleted_member_leaves_its_lists(house: House) -> None:
    """No dangling member, and a list that loses its last one is an empty list."""
    admin = house.admin
    person = add_person(admin, AddPerson(uid="member", family_name="x"))
    group = add_group(admin, AddGroup(cn="lonely", members=("member",)))
    delete(admin, person)
    assert house.directory.group(group.id).members == ()
    assert edit_group(admin, group, EditGroup(join=("bibhu.das", "o@elsewhere.example"))).outside == (
        "o@elsewhere.example",
    )
    left = edit_group(admin, house.directory.group("lonely"), EditGroup(leave=("bibhu.das", "o@elsewhere.example")))
    assert (left.members, left.outside) == ((), ())


def test_name_made_again_is_another_account(house: House) -> None:
    """A40: the id is new, so the mail of the former bearer stays out of reach."""
    first = add_person(house.admin, AddPerson(uid="again", family_name="x"))
    delete(house.admin, first)
    assert add_person(house.admin, AddPerson(uid="again", family_name="x")).id != first.id


def test_offices_do_not_form_rings(house: House) -> None:
    """No office above itself."""
    top = add_office(house.admin, AddOffice(ou="top", name="Top"))
    add_office(house.admin, AddOffice(ou="below", name="Below", parent="top"))
    assert kind_of(edit_office, house.admin, top, EditOffice(parent="below")) is Kind.CONFLICT


def test_only_one_domain_is_the_default(fresh: House) -> None:
    second = fresh.directory.domains()[1]
    make_default(fresh.admin, second)
    assert [domain.default for domain in fresh.directory.domains()] == [True, False]
    assert fresh.directory.default_domain() == second.name


def test_a_domain_keeps_the_order_of_its_languages_and_a_person_may_have_none(house: House) -> None:
    domain = house.directory.domains()[1]
    assert domain.languages == ()
    assert set_languages(house.admin, domain, ("or", "en")).languages == ("or", "en")
    assert set_languages(house.admin, domain, ()).languages == ()
    assert add_person(house.admin, AddPerson(uid="tongueless", family_name="x")).language == ""


def test_edits_of_posts_and_aliases(house: House) -> None:
    """Title, quota, targets change; an alias cannot lead to nobody of ours."""
    post = add_post(house.admin, AddPost(cn="editable", title="Old", names={"or": "ପଦ"}))
    after = edit_post(house.admin, post, EditPost(title="New", quota=7))
    assert (after.title, after.quota, after.names) == ("New", 7, {"or": "ପଦ"})
    alias = add_alias(
        house.admin, AddAlias(address="editable.alias@odisha.example", targets=("editable@odisha.example",))
    )
    assert edit_alias(house.admin, alias, ["x@elsewhere.example"]).targets == ("x@elsewhere.example",)
    assert kind_of(edit_alias, house.admin, alias, ["no.such@odisha.example"]) is Kind.NOT_FOUND


def _people(house: House) -> list[Person]:
    """When an entry was added is the directory's own knowledge."""
    return [msgspec.structs.replace(each, created=None) for each in house.directory.people()]


def test_export_and_import_keep_ids(fresh: House) -> None:
    """An empty directory filled from an export has the same people, posts and charges under the same ids."""
    text = "".join(export(fresh.admin))
    assert "userPassword" not in text
    with running() as empty:
        added, _ = load(empty.admin, text.splitlines(keepends=True))
        assert added > 5
        assert _people(empty) == _people(fresh)
        assert empty.directory.posts() == fresh.directory.posts()
        assert empty.directory.groups() == fresh.directory.groups()
        assert load(empty.admin, text.splitlines(keepends=True))[0] == 0
        assert [each for each in check(empty.admin) if each.serious] == []


def test_import_names_the_line_that_is_wrong(house: House) -> None:
    with pytest.raises(Fault) as caught:
        load(house.admin, ["version: 1\n", "\n", "dn: uid=x,ou=people,o=odmail\n", "nonsense\n"])
    assert "Line 4" in caught.value.text


def test_check_tells_what_other_tools_broke(fresh: House) -> None:
    """Clean at first but for what is worth knowing; then each damage is named."""
    assert [each for each in check(fresh.admin) if each.serious] == []
    people, posts = "ou=people,o=odmail", "ou=posts,o=odmail"
    ldif = f"""dn: uid=thief,{people}
changetype: add
objectClass: inetOrgPerson
objectClass: odmailPerson
uid: thief
cn: x
sn: x
mail: bibhu.das@odisha.example
odmailOfficeId: 00000000-0000-4000-8000-000000000000

dn: cn=ghost,{posts}
changetype: add
objectClass: organizationalRole
objectClass: odmailPost
cn: ghost
mail: ghost@foreign.example
odmailCharge: 20260101000000Z$-$regular$00000000-0000-4000-8000-000000000000$GA-1

dn: cn=officers,ou=groups,o=odmail
changetype: modify
add: member
member: uid=gone,{people}

dn: cn=help@odisha.example,ou=aliases,o=odmail
changetype: modify
replace: odmailTarget
odmailTarget: gone@odisha.example

dn: cn=nobody,ou=services,o=odmail
changetype: delete
"""
    done = fresh.tool("ldapmodify", text=ldif)
    assert "insufficient" in done.stderr.lower()  # the service account cannot remove service entries
    problems = " | ".join(f"{each.entry} {each.problem}" for each in check(fresh.admin) if each.serious)
    for expected in ("bibhu.das@odisha.example belongs to 2", "office that is not there", "not in a domain of ours",
                     "person who is not there", "a member is not there", "where nobody is"):  # fmt: skip
        assert expected in problems


def test_demo_department_is_made_once(fresh: House) -> None:
    """Seeding twice changes nothing, and everything in it is consistent."""
    first = seed(fresh.admin)
    recorded = len(fresh.events)
    assert seed(fresh.admin) == first
    assert len(fresh.events) == recorded
    assert [each for each in check(fresh.admin) if each.serious] == []
    kinds = [login.kind for login in first]
    assert (kinds.count("person"), kinds.count("post")) == (12, 5)


def test_a_lists_owner_is_whoever_hears_of_its_failures(house: House) -> None:
    """A person or a post by any name; a list cannot be one; "" is nobody; `resolve` gives the address."""
    admin, directory = house.admin, house.directory
    made = add_group(admin, AddGroup(cn="owned", members=("bibhu.das", "a@far.example"), owner="collector.khordha"))
    assert made.owner == directory.post("collector.khordha").id
    assert directory.resolve("owned@odisha.example").owner == "collector.khordha@odisha.example"
    assert edit_group(admin, made, EditGroup(owner="sasmita.nayak@odisha.example")).owner is not None
    assert house.another().resolve("owned@odisha.example").owner == "sasmita.nayak@odisha.example"
    assert kind_of(edit_group, admin, made, EditGroup(owner="officers")) is Kind.BAD_REQUEST
    assert edit_group(admin, made, EditGroup(owner="")).owner is None
    assert directory.resolve("owned@odisha.example").owner == ""


def test_a_list_says_who_may_send_to_it(house: House) -> None:
    """Anybody at first; another word is refused; `resolve` tells the gates."""
    admin, directory = house.admin, house.directory
    made = add_group(admin, AddGroup(cn="closed", members=("bibhu.das",), senders="members"))
    assert made.senders == "members"
    assert directory.resolve("closed@odisha.example").senders == "members"
    assert kind_of(edit_group, admin, made, EditGroup(senders="friends")) is Kind.BAD_REQUEST
    assert edit_group(admin, made, EditGroup(senders="anybody")).senders == "anybody"
    assert house.another().resolve("closed@odisha.example").senders == "anybody"


def test_a_contractor_is_known_by_the_entry_and_can_become_an_official(house: House) -> None:
    admin = house.admin
    person = add_person(admin, AddPerson(uid="hired.hand", family_name="Hand", contractor=True))
    assert person.contractor
    assert admin.directory.person(person.id).contractor
    assert not edit_person(admin, person, EditPerson(contractor=False)).contractor
    assert edit_person(admin, person, EditPerson(contractor=True, title="Consultant")).contractor


def test_a_member_outside_leaves_a_list_and_those_within_it(house: House) -> None:
    """In whatever case; what another process changed meanwhile stays; twice is harmless; the trail says from where."""
    admin, directory = house.admin, house.directory
    inner = add_group(admin, AddGroup(cn="inner.leave", members=("bibhu.das", "A@far.example", "b@far.example")))
    add_group(admin, AddGroup(cn="outer.leave", members=("inner.leave", "a@far.example", "c@far.example")))
    directory.lookup.by_address("outer.leave@odisha.example")  # remembered, and out of date in a moment
    other = Admin(house.another(), house.link, house.record, house.sent.append, "test")
    edit_group(other, other.directory.group("outer.leave"), EditGroup(join=("d@far.example",)))
    assert unsubscribe(admin, "outer.leave@odisha.example", "a@FAR.example", "192.0.2.7")
    assert directory.group(inner.id).outside == ("b@far.example",)
    assert house.another().group("outer.leave").outside == ("c@far.example", "d@far.example")
    assert house.events[-1][0] == "group-left"
    assert house.events[-1][3] == {"member": "a@far.example", "client": "192.0.2.7"}
    for name in ("outer.leave", "no.such.list", "bibhu.das"):
        assert not unsubscribe(admin, f"{name}@odisha.example", "a@far.example", "")
