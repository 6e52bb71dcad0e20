"""A post's holders: handover at once and dated, device passwords, access."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from odcore import clock
from odcore.directory.model import ChargeKind, FormerRule, Person, Post
from odcore.directory.ops.charge import Handover, give_up, hand_over, settle, take_charge
from odcore.directory.ops.device import AddDevicePassword, add_device_password, revoke
from odcore.directory.ops.person import AddPerson, add_person
from odcore.directory.ops.post import AddPost, EditPost, add_post, edit_post
from odcore.errors import Fault, Kind
from odcore.identity.access import DirectoryAccess
from odcore.identity.api import Credentials
from odcore.identity.signin import LdapSignIn
from odcore.sharing.register import SqliteRegister
from odtest.slapd import House

PASSWORD = "nilachala-2026"
Signing = Callable[..., LdapSignIn]


def people(house: House, tag: str) -> tuple[Person, Person, Post]:
    """Two people and a post that the first holds."""
    one, two = (
        add_person(house.admin, AddPerson(uid=f"{tag}.{name}", family_name=name, password=PASSWORD))
        for name in ("one", "two")
    )
    post = add_post(house.admin, AddPost(cn=f"{tag}.post", title=tag))
    return one, two, hand_over(house.admin, post, Handover(to=one.uid, order="GA-1"))


def offer(login: str, password: str, service: str = "imap") -> Credentials:
    return Credentials(login, password, service, "192.0.2.7")


def test_handover_changes_the_holder_now(house: House) -> None:
    """The old holder's charge ends where the new one's begins, and the history answers for every instant."""
    one, two, post = people(house, "now")
    after = hand_over(house.admin, post, Handover(to=two.uid, order="GA-2", kind=ChargeKind.ADDITIONAL))
    assert after.holders(clock.now()) == (two.id,)
    assert after.holders(post.charges[0].start - timedelta(seconds=1)) == ()
    assert after.charges[-1].order == "GA-2"
    assert after.charges[-1].kind is ChargeKind.ADDITIONAL
    assert house.link.read(after.dn, ("roleOccupant",)).texts("roleOccupant") == (two.dn,)
    event, actor, subject, facts = house.events[-1]
    assert (event, actor, subject, facts["order"]) == ("post-handed-over", "test", post.id, "GA-2")
    assert {one.id, two.id, post.id} <= set(house.sent[-1].ids)


def test_a_handover_sets_the_rule_for_mail_to_who_left_and_another_leaves_it(house: House) -> None:
    one, two, post = people(house, "former")
    after = hand_over(house.admin, post, Handover(to=two.uid, order="GA-2", former=FormerRule.FORWARD))
    assert after.former is FormerRule.FORWARD
    assert house.events[-1][3]["former"] == "forward"
    after = hand_over(house.admin, after, Handover(to=one.uid, order="GA-3"))
    assert after.former is FormerRule.FORWARD
    assert edit_post(house.admin, after, EditPost(former="")).former is None


def test_handover_in_the_future_happens_by_itself(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before its instant the old holder holds the post, from it on the new one, and nobody writes in between."""
    one, two, post = people(house, "later")
    at = clock.now().replace(microsecond=0) + timedelta(days=30)
    after = hand_over(house.admin, post, Handover(to=two.uid, order="GA-3", at=at))
    assert after.holders(clock.now()) == (one.id,)
    assert after.holders(at - timedelta(seconds=1)) == (one.id,)
    assert after.holders(at) == (two.id,)
    assert house.link.read(after.dn, ("roleOccupant",)).texts("roleOccupant") == (one.dn,)
    monkeypatch.setattr(clock, "now", lambda: at)
    assert house.directory.posts_held(two.id, clock.now())[0].id == post.id
    assert settle(house.admin) >= 1
    assert house.link.read(after.dn, ("roleOccupant",)).texts("roleOccupant") == (two.dn,)
    assert settle(house.admin) == 0


def test_a_handover_dated_back_takes_nobody_out_of_the_history(house: House) -> None:
    """An order entered late may shorten the present charge, and makes none of an earlier holder's undone."""
    admin, now = house.admin, clock.now()
    one, two, _post = people(house, "dated")
    post = add_post(admin, AddPost(cn="history", title="Keeper of History"))
    first, second = (
        Handover(to=who, order=f"GA-{days}", at=now - timedelta(days=days))
        for who, days in ((one.uid, 20), (two.uid, 10))
    )
    post = hand_over(admin, hand_over(admin, post, first), second)
    for days in (30, 20, 15, 10):
        late = Handover(to=one.uid, order="GA-99", at=now - timedelta(days=days))
        with pytest.raises(Fault) as refused:
            hand_over(admin, post, late)
        assert refused.value.kind is Kind.CONFLICT, days
    post = hand_over(admin, post, Handover(to=one.uid, order="GA-5", at=now - timedelta(days=5)))
    assert [charge.order for charge in post.charges] == ["GA-20", "GA-10", "GA-5"]


def test_post_can_fall_vacant_and_be_shared(house: House) -> None:
    """Nobody, one or several may hold a post; the same person not twice."""
    one, two, post = people(house, "shared")
    both = take_charge(house.admin, post, Handover(to=two.uid, order="GA-2", kind=ChargeKind.IN_CHARGE))
    assert set(both.holders(clock.now())) == {one.id, two.id}
    with pytest.raises(Fault) as caught:
        take_charge(house.admin, both, Handover(to=two.uid, order="GA-2"))
    assert caught.value.kind is Kind.EXISTS
    alone = give_up(house.admin, both, Handover(to=one.uid, order="GA-4"))
    assert set(alone.holders(clock.now())) <= {two.id}
    assert hand_over(house.admin, alone, Handover(order="GA-5")).holders(clock.now()) == ()


def test_charge_needs_an_order_number(house: House) -> None:
    """A charge without an order would be a fact without a source."""
    _, two, post = people(house, "order")
    for order in ("", " ", "GA\n1"):
        with pytest.raises(Fault) as caught:
            hand_over(house.admin, post, Handover(to=two.uid, order=order))
        assert caught.value.kind is Kind.BAD_REQUEST


def test_device_password_opens_the_post_for_its_holder(house: House, signing: Signing) -> None:
    """The account is the post's, the person is the one who made it, and handing over ends it."""
    one, two, post = people(house, "device")
    sign_in = signing(house)
    made, secret = add_device_password(house.admin, AddDevicePassword(person=one, name="Laptop", post=post))
    principal = sign_in.sign_in(offer(post.addresses[0], secret))
    assert (principal.account.id, principal.person.id, principal.device) == (post.id, one.id, made.id)
    assert principal.reader == one.id
    assert sign_in.sign_in(offer(post.cn, secret.upper().replace("-", " "), "submission")).account.id == post.id
    hand_over(house.admin, post, Handover(to=two.uid, order="GA-2"))
    assert not sign_in.still_valid(principal)
    with pytest.raises(Fault) as caught:
        sign_in.sign_in(offer(post.addresses[0], secret))
    assert caught.value.kind is Kind.LOGIN


def test_device_password_is_good_for_its_account_only(house: House, signing: Signing) -> None:
    """Neither another account, nor another person's, nor another scope."""
    one, two, post = people(house, "scope")
    sign_in = signing(house)
    _, for_post = add_device_password(house.admin, AddDevicePassword(person=one, name="a", post=post))
    _, for_self = add_device_password(house.admin, AddDevicePassword(person=one, name="b", scopes=("dav",)))
    wrong = [(one.uid, for_post, "imap"), (two.uid, for_self, "dav"), (post.cn, for_self, "dav")]
    for login, secret, service in [*wrong, (one.uid, for_self, "imap"), (post.cn, for_post, "dav")]:
        with pytest.raises(Fault) as caught:
            sign_in.sign_in(offer(login, secret, service))
        assert caught.value.kind is Kind.LOGIN
    assert sign_in.sign_in(offer(one.uid, for_self, "dav")).account.id == one.id
    assert sign_in.sign_in(offer(one.uid, PASSWORD)).device == ""


def test_right_name_and_wrong_rest_is_refused(house: House, signing: Signing) -> None:
    """The first four letters only name the entry."""
    one, _, _ = people(house, "guess")
    _, secret = add_device_password(house.admin, AddDevicePassword(person=one, name="a"))
    with pytest.raises(Fault) as caught:
        signing(house).sign_in(offer(one.uid, secret[:5] + "aaaa-bbbb-cccc-dddd"))
    assert caught.value.kind is Kind.LOGIN


def test_revoked_and_expired_device_passwords_end_sessions(house: House, signing: Signing) -> None:
    """still_valid says no at once, and the next sign-in fails."""
    one, _, _ = people(house, "revoke")
    sign_in = signing(house)
    made, secret = add_device_password(house.admin, AddDevicePassword(person=one, name="a"))
    principal = sign_in.sign_in(offer(one.uid, secret))
    assert sign_in.still_valid(principal)
    revoke(house.admin, one, made)
    assert not sign_in.still_valid(principal)
    past = clock.now() - timedelta(seconds=5)
    _, late = add_device_password(house.admin, AddDevicePassword(person=one, name="b", expires=past))
    for gone in (secret, late):
        with pytest.raises(Fault) as caught:
            sign_in.sign_in(offer(one.uid, gone))
        assert caught.value.kind is Kind.LOGIN


def test_only_holders_make_device_passwords_for_a_post(house: House) -> None:
    """DENIED to everybody else."""
    _, two, post = people(house, "deny")
    with pytest.raises(Fault) as caught:
        add_device_password(house.admin, AddDevicePassword(person=two, name="a", post=post))
    assert caught.value.kind is Kind.DENIED


def test_access_follows_the_charge(house: House, signing: Signing, tmp_path: Path) -> None:
    """A holder sees the post and sends as it; in the post's own session only the post counts; a list is nobody's."""
    one, two, post = people(house, "access")
    sign_in, access = signing(house), DirectoryAccess(house.directory, SqliteRegister(tmp_path, print))
    principal = sign_in.sign_in(offer(one.uid, PASSWORD))
    other = sign_in.sign_in(offer(two.uid, PASSWORD))
    assert [each.id for each in access.posts(principal)] == [post.id]
    assert access.posts(other) == ()
    mine = (one.addresses[0], one.addresses[0].upper(), f"{one.uid}+tag@odisha.example", post.addresses[0])
    assert all(access.may_send_as(principal, address) for address in mine)
    theirs = (two.addresses[0], "officers@odisha.example", "x@elsewhere.example", "", "no.such@odisha.example")
    assert not any(access.may_send_as(principal, address) for address in theirs)
    assert not access.may_send_as(other, post.addresses[0])
    _, secret = add_device_password(house.admin, AddDevicePassword(person=one, name="a", post=post))
    inside = sign_in.sign_in(offer(post.cn, secret))
    assert access.posts(inside) == ()
    assert access.may_send_as(inside, post.addresses[0])
    assert not access.may_send_as(inside, one.addresses[0])
