"""The Directory port against a real slapd."""

import pytest

from odcore import clock
from odcore.directory.model import AccountKind, State
from odcore.directory.ops.alias import AddAlias, add_alias
from odcore.directory.ops.group import AddGroup, add_group
from odcore.directory.ops.person import AddPerson, EditPerson, add_person, edit_person
from odcore.directory.ops.state import set_state
from odcore.errors import Fault, Kind
from odtest.slapd import House

HOSTILE = [
    "*",
    "a*",
    "sasmita.nayak)(uid=*",
    "*)(objectClass=*",
    "\\",
    "\\2a",
    "sasmita.nayak\0",
    "\0",
    "sasmita.nayak,ou=people",
    "cn=odmail,ou=services,o=odmail",
    "uid=x+cn=y",
    "#sasmita",
    "sasmita  .nayak",
    "ｓasmita.nayak",
    "sas\u200bmita.nayak",
    "",
    " ",
    "(",
    "&(uid=sasmita.nayak)",
    "ସ" * 5000,
]


def kind_of(call, *arguments) -> Kind:
    with pytest.raises(Fault) as caught:
        call(*arguments)
    return caught.value.kind


@pytest.mark.parametrize("text", HOSTILE)
def test_no_filter_can_be_slipped_in(house: House, text: str) -> None:
    """A34, A36: what is no name of ours finds nobody, neither bare nor as a local part."""
    directory = house.directory
    for find in (directory.person, directory.post, directory.group, directory.office):
        assert kind_of(find, text) is Kind.NOT_FOUND
    for find in (directory.person, directory.post, directory.alias, directory.resolve):
        assert kind_of(find, f"{text}@odisha.example") is Kind.NOT_FOUND


@pytest.mark.parametrize("value", [["sasmita.nayak"], {"$ne": ""}, b"sasmita.nayak", None, 1])
def test_only_text_reaches_a_filter(house: House, value: object) -> None:
    """A34: lists and mappings out of JSON would slip past escaping."""
    with pytest.raises((TypeError, AttributeError)):
        house.directory.lookup.by_attribute("inetOrgPerson", "uid", value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "spelling",
    [
        "sasmita.nayak",
        "SASMITA.Nayak",
        " sasmita.nayak",
        "sasmita.nayak@odisha.example",
        "Sasmita.Nayak@ODISHA.example.",
    ],
)
def test_spellings_of_one_login_are_one_person(house: House, spelling: str) -> None:
    """A36: the canonical id, whatever was typed."""
    assert house.directory.person(spelling).uid == "sasmita.nayak"


def test_resolve_follows_alias_and_detail(house: House) -> None:
    """An alias with '+detail' leads into the post's mailbox and keeps the detail out of the address."""
    direct = house.directory.resolve("Collector.Khordha+urgent@odisha.example").local[0]
    assert direct.detail == "urgent"
    assert direct.account.kind is AccountKind.POST
    assert house.directory.resolve("help@odisha.example").local[0].account == direct.account


def test_resolve_unfolds_a_list_once(house: House) -> None:
    """Nested lists and doubled members give each destination once; outside members come apart."""
    add_group(house.admin, AddGroup(cn="nested", members=("officers", "sasmita.nayak", "bibhu.das")))
    found = house.directory.resolve("nested@odisha.example")
    assert sorted(each.account.address for each in found.local) == [
        "bibhu.das@odisha.example",
        "collector.khordha@odisha.example",
        "sasmita.nayak@odisha.example",
    ]
    assert [each.address for each in found.outside] == ["far@away.example"]
    assert found.group == "nested@odisha.example"


def test_rings_of_aliases_end(house: House) -> None:
    """Two aliases that lead to each other lead nowhere, and soon."""
    add_alias(house.admin, AddAlias(address="ring.a@odisha.example", targets=("bibhu.das@odisha.example",)))
    add_alias(house.admin, AddAlias(address="ring.b@odisha.example", targets=("ring.a@odisha.example",)))
    alias = house.directory.alias("ring.a@odisha.example")
    house.link.modify(alias.dn, {"odmailTarget": ["ring.b@odisha.example"]})
    house.directory.changed(frozenset())
    assert kind_of(house.directory.resolve, "ring.b@odisha.example") is Kind.NOT_FOUND


def test_foreign_domains_are_outside(house: House) -> None:
    """Other people's addresses stay as they are written, odd ones too."""
    for address in ("Some.One@elsewhere.example", '"a b"@elsewhere.example', "x@[192.0.2.1]"):
        assert house.directory.resolve(address).outside[0].address == address
        assert not house.directory.resolve(address).local


def test_internationalized_domain_is_one_domain(house: House) -> None:
    """The U-label and the A-label of a domain of ours are the same domain."""
    names = [domain.name for domain in house.directory.domains()]
    assert all(name.isascii() for name in names)
    assert house.directory.is_ours("ଓଡ଼ିଶା.EXAMPLE")
    assert not house.directory.is_ours("odisha.example.evil.example")
    assert not house.directory.is_ours("..")


def test_internationalized_local_part_finds_its_mailbox(house: House) -> None:
    """RFC 6531: an alternate in Odia is an address like any other, though `mail` cannot hold it."""
    wanted = AddPerson(uid="lipika", family_name="Sahoo", addresses=("lipika@odisha.example", "ଲିପିକା@odisha.example"))
    person = add_person(house.admin, wanted)
    assert house.directory.resolve("ଲିପିକା@ODISHA.example").local[0].account.id == person.id
    assert house.directory.account(person.id).address == "lipika@odisha.example"


def test_disabled_and_retired_mailboxes_refuse_mail(house: House) -> None:
    """NOT_FOUND for senders, DENIED by id; and enabling undoes it."""
    person = add_person(house.admin, AddPerson(uid="ramesh", family_name="Pradhan"))
    set_state(house.admin, person, State.DISABLED)
    assert kind_of(house.directory.resolve, "ramesh@odisha.example") is Kind.NOT_FOUND
    assert kind_of(house.directory.account, person.id) is Kind.DENIED
    set_state(house.admin, person, State.ACTIVE)
    assert house.directory.resolve("ramesh@odisha.example").local
    edit_person(house.admin, person, EditPerson(expires="20200101000000Z"))
    assert kind_of(house.directory.resolve, "ramesh@odisha.example") is Kind.NOT_FOUND


def test_posts_held_are_those_of_the_instant(house: House) -> None:
    """The holder holds it now and nobody held it before."""
    person = house.directory.person("sasmita.nayak")
    assert [post.cn for post in house.directory.posts_held(person.id, clock.now())] == ["collector.khordha"]
    long_ago = clock.now().replace(year=2000)
    assert house.directory.posts_held(person.id, long_ago) == ()


def test_searches_in_every_script(house: House) -> None:
    """Lists find parts of names, Odia included; a star is a star."""
    add_person(house.admin, AddPerson(uid="sujata", given_name="Sujata", family_name="Panda", names={"or": "ସୁଜାତା ପଣ୍ଡା"}))
    for text in ("ujat", "PANDA", "ପଣ୍ଡା"):
        assert [person.uid for person in house.directory.people(text)] == ["sujata"]
    assert house.directory.people("*") == []


def test_odd_entries_of_other_tools_are_borne(house: House) -> None:
    """A41: no mail, two mails, a huge photograph, an unknown state, a broken charge: the rest goes on."""
    photo = "/9j/" + "A" * 900_000
    ldif = f"""dn: uid=odd,ou=people,o=odmail
objectClass: inetOrgPerson
objectClass: odmailPerson
uid: odd
cn: Odd
sn: Odd
jpegPhoto:: {photo}
odmailQuota: -5
odmailState: sleeping

dn: uid=twice,ou=people,o=odmail
objectClass: inetOrgPerson
uid: twice
cn: Twice
sn: Twice
mail: Twice@Odisha.Example
mail: second@odisha.example

dn: cn=oddpost,ou=posts,o=odmail
objectClass: organizationalRole
objectClass: odmailPost
cn: oddpost
odmailCharge: whenever$-$regular
odmailCharge: 20260101000000Z$-$unheard-of$00000000-0000-0000-0000-000000000000$X
"""
    done = house.tool("ldapadd", text=ldif)
    assert done.returncode == 0, done.stderr
    house.directory.changed(frozenset())
    odd = house.directory.person("odd")
    assert (odd.addresses, odd.quota, odd.state) == ((), 0, State.DISABLED)
    assert house.directory.resolve("twice@odisha.example").local[0].account.name == "Twice"
    assert house.directory.resolve("second@odisha.example").local[0].account.address == "Twice@Odisha.Example"
    assert len(house.directory.post("oddpost").charges) == 1


def test_address_claimed_twice_makes_mail_wait(house: House) -> None:
    """Neither of two claimants gets the other's mail; it waits until somebody settles it."""
    for uid in ("claim.a", "claim.b"):
        done = house.tool(
            "ldapadd",
            text=f"dn: uid={uid},ou=people,o=odmail\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: x\nsn: x\n"
            "mail: both@odisha.example\n",
        )
        assert done.returncode == 0, done.stderr
    house.directory.changed(frozenset())
    assert kind_of(house.directory.resolve, "both@odisha.example") is Kind.TRY_LATER


def test_lists_of_hundreds_unfold(house: House) -> None:
    """Members are fetched many at a time, past the server's size limit for others."""
    ldif = "".join(
        f"dn: uid=many{n},ou=people,o=odmail\nobjectClass: inetOrgPerson\nuid: many{n}\ncn: Many {n}\nsn: {n}\n"
        f"mail: many{n}@odisha.example\n\n"
        for n in range(510)
    )
    members = "".join(f"member: uid=many{n},ou=people,o=odmail\n" for n in range(510))
    ldif += f"dn: cn=many,ou=groups,o=odmail\nobjectClass: groupOfNames\nobjectClass: odmailGroup\ncn: many\n{members}"
    ldif += "mail: many@odisha.example\n"
    done = house.tool("ldapadd", text=ldif)
    assert done.returncode == 0, done.stderr
    house.directory.changed(frozenset())
    assert len(house.directory.resolve("many@odisha.example").local) == 510
    assert len(house.directory.people("Many")) == 510
