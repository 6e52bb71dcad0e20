"""Grants over a real directory: groups in groups, identifiers, charges that end, who may send as whom."""

from collections.abc import Callable
from pathlib import Path

import pytest

from odcore.directory.model import State
from odcore.directory.ops.charge import Handover, hand_over
from odcore.directory.ops.group import AddGroup, add_group
from odcore.directory.ops.person import AddPerson, add_person
from odcore.directory.ops.post import AddPost, add_post
from odcore.directory.ops.state import set_state
from odcore.errors import Fault, Kind
from odcore.identity.access import DirectoryAccess
from odcore.identity.api import Credentials
from odcore.identity.signin import LdapSignIn
from odcore.sharing.access import DirectorySharing
from odcore.sharing.api import MAIL, Delegation, Power
from odcore.sharing.register import SqliteRegister
from odtest.slapd import House

PASSWORD = "nilachala-2026"


class Office:
    """Three people, one of whom holds a post."""

    def __init__(self, house: House, sign_in: LdapSignIn, folder: Path, name: str) -> None:
        self.house, self._sign_in = house, sign_in
        self.register = SqliteRegister(folder, house.sent.append)
        self.access = DirectoryAccess(house.directory, self.register)
        self.sharing = DirectorySharing(house.directory, self.register, self.access)
        self.people = [
            add_person(house.admin, AddPerson(uid=f"{name}.{number}", family_name="Rout", password=PASSWORD))
            for number in range(3)
        ]
        self.post = add_post(house.admin, AddPost(cn=f"{name}.post", title="Officer"))
        self.post = hand_over(house.admin, self.post, Handover(to=self.people[0].uid, order="GA-1"))

    def who(self, number: int):
        return self._sign_in.sign_in(Credentials(self.people[number].uid, PASSWORD, "imap", "192.0.2.1"))

    def delegate(self, owner: str, number: int, *powers: Power, giver: str = "") -> None:
        given = Delegation(owner, self.people[number].id, frozenset(powers), giver)
        self.register.delegate(MAIL, given, 2)


@pytest.fixture
def office(house: House, signing: Callable[..., LdapSignIn], tmp_path: Path, request) -> Office:
    return Office(house, signing(house), tmp_path, request.node.name[5:17].replace("_", ".").strip("."))


def test_groups_in_groups_and_circles(office: Office) -> None:
    """Membership is found upwards, however deep; a disabled group ends it."""
    admin, one = office.house.admin, office.people[1]
    inner = add_group(admin, AddGroup(cn="circle.inner", members=(one.uid,)))
    outer = add_group(admin, AddGroup(cn="circle.outer", members=("circle.inner@odisha.example",)))
    assert office.house.directory.groups_of(one.id) == {inner.id, outer.id}
    office.register.note(MAIL, office.people[0].id, f"group:{outer.id}")
    assert [owner.label for owner in office.sharing.people(office.who(1))] == [office.people[0].uid]
    assert office.sharing.people(office.who(2)) == ()
    set_state(admin, inner, State.DISABLED)
    assert office.house.directory.groups_of(one.id) == frozenset()


def test_identifiers_are_read_and_spelled(office: Office) -> None:
    sharing, one, post = office.sharing, office.people[1], office.post
    assert sharing.subject(one.uid) == sharing.subject(one.addresses[0].upper()) == f"person:{one.id}"
    assert sharing.subject(post.cn) == f"post:{post.id}"
    assert sharing.subject("group:officers") == sharing.subject("officers@odisha.example")
    assert sharing.subject("Anyone") == "anyone"
    assert sharing.identifier(f"person:{one.id}") == one.addresses[0]
    assert sharing.identifier(f"post:{post.id}") == post.addresses[0]
    assert sharing.identifier(sharing.subject("group:officers")) == "group:officers"
    gone = "person:00000000-0000-4000-8000-000000000000"
    assert sharing.identifier(gone) == gone
    for wrong, kind in (("", Kind.BAD_REQUEST), ("a\x00b", Kind.BAD_REQUEST), ("officers", Kind.NOT_FOUND)):
        with pytest.raises(Fault) as caught:
            sharing.subject(wrong)
        assert caught.value.kind is kind


def test_a_delegate_sends_as_far_as_they_may(office: Office) -> None:
    minister, secretary, typist = office.people
    office.delegate(minister.id, 1, Power.SEND_AS)
    office.delegate(minister.id, 2, Power.ON_BEHALF)
    address = minister.addresses[0]
    may = [
        (office.access.may_send_as(who, address), office.access.may_send_on_behalf(who, address))
        for who in map(office.who, range(3))
    ]
    assert may == [(True, False), (True, False), (False, True)]
    office.register.end(MAIL, minister.id, secretary.id)
    assert not office.access.may_send_as(office.who(1), address)
    assert typist.id in {each.delegate for each in office.register.delegations_of(MAIL, minister.id)}


def test_what_a_holder_gave_for_a_post_ends_with_the_charge(office: Office) -> None:
    """Whoever takes over decides anew; what an administrator gave stands."""
    office.delegate(office.post.id, 1, Power.WRITE, Power.SEND_AS, giver=office.people[0].id)
    office.delegate(office.post.id, 2, Power.READ)
    first, second = office.who(1), office.who(2)
    assert office.sharing.owner(first, office.post.id).powers == {Power.WRITE, Power.SEND_AS}
    assert office.access.may_send_as(first, office.post.addresses[0])
    hand_over(office.house.admin, office.post, Handover(to="bibhu.das", order="GA-2"))
    assert office.sharing.owner(first, office.post.id).powers == frozenset()
    assert not office.access.may_send_as(first, office.post.addresses[0])
    assert office.sharing.owner(second, office.post.id).powers == {Power.READ}


def test_nobody_is_found_who_shares_nothing(office: Office) -> None:
    """By label, by account and in lists; nor one who was disabled."""
    owner, asking = office.people[0], office.who(1)
    assert office.sharing.person(asking, owner.uid) is None
    assert office.sharing.owner(asking, owner.id) is None
    assert office.sharing.posts(asking) == ()
    office.delegate(owner.id, 1, Power.READ)
    assert office.sharing.person(asking, owner.uid).account.id == owner.id
    assert office.sharing.person(asking, owner.uid.upper()) is None
    set_state(office.house.admin, owner, State.DISABLED)
    assert office.sharing.people(asking) == ()
    assert office.sharing.person(asking, owner.uid) is None
