"""The directory book by LDAP: the same people, as each may see them, in a tree of names."""

from collections.abc import Iterator

import pytest

from odcore.directory.ops.group import AddGroup, add_group
from odcore.directory.ops.office import AddOffice, add_office
from odcore.directory.ops.person import AddPerson, EditPerson, add_person, edit_person, set_photo
from odcore.directory.ops.removal import delete
from odcore.errors import Fault, Kind
from oddav.ldap.tree import naming_context
from oddav.ldap.types import Code, Equal, Filter, Not, Parts, Refused, Scope
from odtest.book import Library
from odtest.department import populate
from odtest.portrait import portrait
from odtest.slapd import running

ME = "bibhu.das"
KEDAR = "mail=kedar.sethi@odisha.example,dc=odisha,dc=example"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with running() as house:
        populate(house)
        admin = house.admin
        add_office(admin, AddOffice(ou="booked", name="Office of Records", parent="khordha"))
        kedar = AddPerson(
            uid="kedar.sethi",
            given_name="Kedar",
            family_name="Sethi",
            names={"or": "କେଦାର ସେଠୀ"},
            title="Archivist",
            office="booked",
            telephone="0674-239 1234",
            mobile="9437012345",
            home_phone="0674-2555555",
        )
        set_photo(admin, add_person(admin, kedar), portrait())
        add_group(admin, AddGroup(cn="inner.circle", name="Inner Circle", members=("kedar.sethi",), senders="members"))
        made = Library(house, tmp_path_factory.mktemp("book"))
        made.follower.step()
        yield made


def within(attribute: str, text: str) -> Filter:
    return Parts(attribute, "", (text,), "")


@pytest.mark.parametrize(
    "asked",
    [
        within("cn", "EDAR"),
        within("cn", "ଦାର"),
        Equal("cn;lang-or", "କେଦାର\u200c ସେ\u200dଠୀ"),
        Parts("sn", "set", (), ""),
        Parts("givenName", "ke", ("d",), "ar"),
        within("mail", "dar.sethi@"),
        Equal("uid", "kedar.sethi"),
        within("telephoneNumber", "(0674) 2391"),
        Equal("ou", "collectorate"),
        Parts("department", "", (), "of records"),
        within("title", "rchiv"),
    ],
    ids=repr,
)
def test_a_person_is_found_by_any_part_in_any_script(library: Library, asked: Filter):
    assert KEDAR in [each.name for each in library.by_ldap(ME, asked=asked)]


@pytest.mark.parametrize(
    "asked",
    [
        within("sn", "kedar"),
        within("cn;lang-hi", "କେଦାର"),
        within("description", "e"),
        within("shoeSize", "4"),
        Not(within("shoeSize", "4")),
        Equal("objectClass", "groupOfNames"),
        within("mobile", "94370"),
        within("homePhone", "2555"),
    ],
    ids=repr,
)
def test_nobody_is_found_by_what_is_not_told(library: Library, asked: Filter):
    assert KEDAR not in [each.name for each in library.by_ldap(ME, asked=asked)]


def test_an_entry_has_what_everybody_may_know(library: Library):
    [entry] = library.by_ldap(ME, KEDAR, Scope.BASE)
    told = entry.attributes
    assert told["cn"] == (b"Kedar Sethi",)
    assert told["cn;lang-or"] == ("କେଦାର ସେଠୀ".encode(),)
    assert (told["ou"], told["o"]) == ((b"Office of Records", b"Collectorate"), (b"Collectorate",))
    assert told["jpegPhoto"][0].startswith(b"\xff\xd8\xff")
    assert told["telephoneNumber"] == (b"0674-239 1234",)
    assert not {"mobile", "homePhone", "entryUUID"} & set(told)


def test_private_numbers_are_for_their_owner_and_for_directory_numbers(library: Library):
    asked = within("mobile", "94370123")
    assert library.by_ldap("kedar.sethi", KEDAR, Scope.BASE)[0].attributes["homePhone"] == (b"0674-2555555",)
    group = add_group(library.house.admin, AddGroup(cn="directory.numbers", members=("collector.khordha",)))
    try:
        assert library.by_ldap("sasmita.nayak", asked=asked)[0].attributes["mobile"] == (b"9437012345",)
        assert library.by_ldap(ME, asked=asked) == []
    finally:
        delete(library.house.admin, group)


def test_closed_lists_and_who_is_unlisted_are_not_there(library: Library):
    inner = "mail=inner.circle@odisha.example,dc=odisha,dc=example"
    assert library.by_ldap("kedar.sethi", inner, Scope.BASE)
    person = library.house.directory.person("kedar.sethi")
    edit_person(library.house.admin, person, EditPerson(unlisted=True))
    library.follower.note([person.id])
    library.follower.step()
    try:
        for name in (inner, KEDAR):
            with pytest.raises(Refused) as refused:
                library.by_ldap(ME, name, Scope.BASE)
            assert refused.value.result.code is Code.NO_SUCH_OBJECT
            assert refused.value.result.matched == "dc=odisha,dc=example"
    finally:
        edit_person(library.house.admin, person, EditPerson(unlisted=False))
        library.follower.note([person.id])
        library.follower.step()


def test_a_post_names_its_holder(library: Library):
    [post] = library.by_ldap(ME, asked=Equal("uid", "collector.khordha"))
    assert post.attributes["description"] == (b"Held by Sasmita Nayak",)


def test_names_are_compared_as_names_are(library: Library):
    for name in ("MAIL = Kedar.Sethi@odisha.example , DC=Odisha,dc=example", KEDAR.upper()):
        assert [each.name for each in library.by_ldap(ME, name)] == [KEDAR]
    assert library.by_ldap(ME, KEDAR, Scope.ONE_LEVEL) == []
    assert len(library.by_ldap(ME, "dc=Odisha, dc=example", Scope.ONE_LEVEL)) == len(library.by_ldap(ME)) > 1


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("kedar", Code.INVALID_DN_SYNTAX),
        ("dc=example", Code.NO_SUCH_OBJECT),
        ("cn=x,dc=odisha,dc=example", Code.NO_SUCH_OBJECT),
        ("mail=,dc=odisha,dc=example", Code.INVALID_DN_SYNTAX),
        ("mail=*,dc=odisha,dc=example", Code.NO_SUCH_OBJECT),
        ("mail=a,mail=b,dc=odisha,dc=example", Code.NO_SUCH_OBJECT),
    ],
)
def test_names_that_are_none(library: Library, name: str, code: Code):
    with pytest.raises(Refused) as refused:
        library.by_ldap(ME, name)
    assert refused.value.result.code is code


@pytest.mark.parametrize(
    ("name", "login"),
    [
        ("kedar.sethi", "kedar.sethi"),
        ("kedar.sethi@odisha.example", "kedar.sethi@odisha.example"),
        (KEDAR, "kedar.sethi@odisha.example"),
        ("uid=kedar.sethi,ou=people,dc=odisha,dc=example", "kedar.sethi"),
        ("uid=kedar.sethi,dc=elsewhere,dc=example", "uid=kedar.sethi,dc=elsewhere,dc=example"),
        ("title=x,dc=odisha,dc=example", "title=x,dc=odisha,dc=example"),
        ("=", "="),
    ],
)
def test_who_a_sign_in_means(library: Library, name: str, login: str):
    assert library.tree.login(name) == login


def test_a_house_without_a_domain_has_no_tree_yet():
    with pytest.raises(Fault) as raised:
        naming_context("")
    assert raised.value.kind is Kind.TRY_LATER
