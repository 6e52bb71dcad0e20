"""Signing in against a real slapd."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from odcore import clock
from odcore.directory.model import State
from odcore.directory.ops.charge import Handover, hand_over
from odcore.directory.ops.device import AddDevicePassword, add_device_password
from odcore.directory.ops.person import AddPerson, EditPerson, add_person, edit_person, set_password
from odcore.directory.ops.post import AddPost, add_post
from odcore.directory.ops.state import set_state
from odcore.errors import Fault, Kind
from odcore.identity.access import DirectoryAccess
from odcore.identity.api import Credentials
from odcore.identity.signin import LdapSignIn
from odcore.identity.throttle import Throttle
from odcore.sharing.register import SqliteRegister
from odtest.slapd import House

PASSWORD = "nilachala-2026"
Signing = Callable[..., LdapSignIn]


def offer(login: str, password: str = PASSWORD, service: str = "imap", authzid: str = "") -> Credentials:
    return Credentials(login, password, service, "192.0.2.7", authzid)


def refused(sign_in: LdapSignIn, credentials: Credentials) -> Fault:
    with pytest.raises(Fault) as caught:
        sign_in.sign_in(credentials)
    return caught.value


@pytest.mark.parametrize("login", ["sasmita.nayak", "Sasmita.Nayak@odisha.example", " SASMITA.NAYAK "])
def test_every_form_of_login_is_one_principal(house: House, signing: Signing, login: str) -> None:
    """The principal is the entry, not what was typed."""
    principal = signing(house).sign_in(offer(login))
    assert principal.person.uid == "sasmita.nayak"
    assert principal.account.id == principal.person.id
    assert principal.reader == ""


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("sasmita.nayak", ""),
        ("sasmita.nayak", "\0"),
        ("sasmita.nayak", PASSWORD + "\0"),
        ("sasmita.nayak", "x" * 257),
        ("sasmita.nayak", "x" * 1_000_000),
        ("", PASSWORD),
        (" ", PASSWORD),
        ("uid=sasmita.nayak,ou=people,o=odmail", PASSWORD),
        ("*", PASSWORD),
        ("sasmita*", PASSWORD),
        ("ｓasmita.nayak", PASSWORD),
        ("sasmita.nayak\u200b", PASSWORD),
        ("sasmita.nayak+x@odisha.example", PASSWORD),
        ("cn=odmail,ou=services,o=odmail", PASSWORD),
        ("odmail", PASSWORD),
        ("nobody", PASSWORD),
        ("collector.khordha", PASSWORD),
        ("officers", PASSWORD),
        ("help@odisha.example", PASSWORD),
        ("\ud800", PASSWORD),
        ("sasmita.nayak", "\ud800wrong"),
    ],
)
def test_what_must_not_sign_in(house: House, signing: Signing, login: str, password: str) -> None:
    """A35, A36: empty and odd passwords, names in disguise, entries that are no people: one answer for all."""
    fault = refused(signing(house), offer(login, password))
    assert (fault.kind, fault.text) == (Kind.LOGIN, "The name or the password is wrong.")


def test_empty_bind_is_refused_before_the_server(house: House) -> None:
    """A35: slapd says yes to an empty password or an empty DN; we never ask it."""
    dn = house.directory.person("sasmita.nayak").dn
    assert not house.link.verify(dn, b"")
    assert not house.link.verify("", PASSWORD.encode())
    assert house.link.verify(dn, PASSWORD.encode())


def test_authorization_identity_must_be_the_login(house: House, signing: Signing) -> None:
    """RFC 4616: nobody acts as somebody else by asking for it."""
    sign_in = signing(house)
    assert sign_in.sign_in(offer("bibhu.das", authzid="bibhu.das")).person.uid == "bibhu.das"
    assert refused(sign_in, offer("bibhu.das", authzid="sasmita.nayak")).kind is Kind.LOGIN


def test_disabled_people_get_the_same_answer(house: House, signing: Signing) -> None:
    """Wrong, unknown and disabled cannot be told apart; the trail can."""
    sign_in = signing(house)
    person = add_person(house.admin, AddPerson(uid="mamata", family_name="Jena", password=PASSWORD))
    principal = sign_in.sign_in(offer("mamata"))
    set_state(house.admin, person, State.DISABLED)
    faults = [refused(sign_in, each) for each in (offer("mamata"), offer("mamata", "wrong"), offer("no.such.one"))]
    assert {(fault.kind, fault.text) for fault in faults} == {(Kind.LOGIN, "The name or the password is wrong.")}
    assert not sign_in.still_valid(principal)
    outcomes = [facts["outcome"] for event, _, _, facts in house.events if event == "sign-in"]
    assert outcomes == ["ok", "disabled", "wrong", "unknown"]


def test_old_password_ends_with_the_change(house: House, signing: Signing) -> None:
    """A remembered sign-in does not outlive the password it was made with."""
    sign_in = signing(house)
    person = add_person(house.admin, AddPerson(uid="arjun", family_name="Majhi", password=PASSWORD))
    sign_in.sign_in(offer("arjun"))
    set_password(house.admin, person, "another-password")
    assert refused(sign_in, offer("arjun")).kind is Kind.LOGIN
    assert sign_in.sign_in(offer("arjun", "another-password")).person.id == person.id


def test_sessions_end_with_the_password_they_rest_on(house: House, signing: Signing) -> None:
    """In every process, however soon changes follow; those of a device password go on, and other edits end nothing."""
    sign_in, elsewhere = signing(house), house.another()
    person = add_person(house.admin, AddPerson(uid="laxmi", family_name="Behera", password=PASSWORD))
    _, secret = add_device_password(house.admin, AddDevicePassword(person=person, name="phone"))
    phone = sign_in.sign_in(offer("laxmi", secret))
    principals = []
    for password in ("first-password", "second-password"):
        principals.append(sign_in.sign_in(offer("laxmi", PASSWORD if not principals else "first-password")))
        edit_person(house.admin, person, EditPerson(title=password))
        assert sign_in.still_valid(principals[-1])
        set_password(house.admin, person, password)
        assert not sign_in.still_valid(principals[-1])
    assert elsewhere.person("laxmi").password_set == house.directory.person("laxmi").password_set
    assert sign_in.still_valid(sign_in.sign_in(offer("laxmi", "second-password")))
    assert sign_in.still_valid(phone)


def test_a_charge_ends_on_its_second_without_asking_the_directory(
    house: House, signing: Signing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Sessions in posts' mailboxes are looked at every few seconds: what is cached answers, by the clock."""
    sign_in, access = signing(house), DirectoryAccess(house.directory, SqliteRegister(tmp_path, print))
    add_post(house.admin, AddPost(cn="treasury.puri", title="Treasury Officer"))
    post = hand_over(house.admin, house.directory.post("treasury.puri"), Handover(to="bibhu.das", order="GA-1"))
    at = clock.now().replace(microsecond=0) + timedelta(days=30)
    hand_over(house.admin, post, Handover(to="sasmita.nayak", order="GA-2", at=at))
    bibhu = house.directory.person("bibhu.das")
    _, secret = add_device_password(house.admin, AddDevicePassword(person=bibhu, name="desk", post=post))
    into_post = sign_in.sign_in(offer("treasury.puri", secret))
    own = sign_in.sign_in(offer("sasmita.nayak"))

    def seen() -> tuple[bool, bool]:
        return sign_in.still_valid(into_post), post.id in {each.id for each in access.posts(own)}

    assert seen() == (True, False)
    monkeypatch.setattr(house.link, "search", lambda *_: pytest.fail("the directory was asked"))
    monkeypatch.setattr(house.link, "read", lambda *_: pytest.fail("the directory was asked"))
    monkeypatch.setattr(clock, "now", lambda: at - timedelta(seconds=1))
    assert seen() == (True, False)
    monkeypatch.setattr(clock, "now", lambda: at)
    assert seen() == (False, True)


def test_sign_ins_are_remembered_without_a_bind(
    house: House, signing: Signing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second sign-in asks nobody to hash; a wrong password still does."""
    sign_in = signing(house)
    sign_in.sign_in(offer("bibhu.das"))
    asked: list[str] = []
    monkeypatch.setattr(house.link, "verify", lambda dn, password: asked.append(dn))
    assert sign_in.sign_in(offer("bibhu.das")).person.uid == "bibhu.das"
    assert asked == []
    refused(sign_in, offer("bibhu.das", "wrong"))
    assert len(asked) == 1


def test_passwords_compare_in_every_normal_form(house: House, signing: Signing) -> None:
    """RFC 8265: composed and decomposed spellings of a password are one."""
    add_person(house.admin, AddPerson(uid="anjali", family_name="Mohanty", password="caf\u00e9-ଓଡ଼ିଆ"))
    assert signing(house).sign_in(offer("anjali", "cafe\u0301-ଓଡ଼ିଆ")).person.uid == "anjali"


def test_guessing_is_slowed_down(house: House, signing: Signing) -> None:
    """A38: after a few failures even the right password has to wait, then it works: no lock."""
    now = [0.0]
    sign_in = signing(house, Throttle(lambda: now[0]))
    for _ in range(6):
        assert refused(sign_in, offer("bibhu.das", "wrong")).kind is Kind.LOGIN
    assert refused(sign_in, offer("bibhu.das")).kind is Kind.LIMIT
    now[0] += 301
    assert sign_in.sign_in(offer("bibhu.das")).person.uid == "bibhu.das"


def test_unknown_names_are_slowed_down_alike(house: House, signing: Signing) -> None:
    """P24: the delay does not tell who exists."""
    sign_in = signing(house, Throttle(lambda: 0.0))
    answers = {
        login: [refused(sign_in, offer(login, "wrong")).kind for _ in range(8)] for login in ("bibhu.das", "no.such")
    }
    assert answers["bibhu.das"] == answers["no.such"]
    assert Kind.LIMIT in answers["no.such"]


@pytest.mark.parametrize("spelling", ["{}", "{}@odisha.example", "{}@odisha.example.", '"{}"@ODISHA.example'])
def test_another_spelling_of_an_unknown_name_waits_as_that_of_a_known_one(
    house: House, signing: Signing, spelling: str
) -> None:
    """P24: who waits under a second spelling would exist."""
    sign_in = signing(house, Throttle(lambda: 0.0))
    for login in ("bibhu.das", "no.such"):
        for _ in range(6):
            refused(sign_in, offer(login, "wrong"))
        assert refused(sign_in, offer(spelling.format(login), "wrong")).kind is Kind.LIMIT, login


@pytest.mark.parametrize(
    "login", ["bibhu.das", "no.such", "collector.khordha", "no.such@odisha.example", "x@away.example"]
)
@pytest.mark.parametrize("password", ["wrong", "abcd-efgh-jkmn-pqrs-tuvw"])
def test_a_refusal_costs_one_verification_whoever_it_was(
    house: House, signing: Signing, monkeypatch: pytest.MonkeyPatch, login: str, password: str
) -> None:
    """P24: the time does not tell who exists, nor who has a device password."""
    asked: list[str] = []
    monkeypatch.setattr(house.link, "verify", lambda dn, _password: asked.append(dn))
    refused(signing(house), offer(login, password))
    assert len(asked) == 1


def test_directory_passwords_can_be_switched_off_for_apps(house: House, signing: Signing) -> None:
    """Device passwords only, where the site says so."""
    assert refused(signing(house, directory_password=False), offer("sasmita.nayak")).kind is Kind.LOGIN


def test_credentials_never_show_their_password(house: House, signing: Signing) -> None:
    """P29: neither repr nor trail holds what was typed."""
    credentials = offer("sasmita.nayak", "hunter2hunter2")
    refused(signing(house), credentials)
    refused(signing(house), offer("hunter2hunter2", "x"))
    assert "hunter2" not in repr(credentials) + repr(house.events)


def test_times_do_not_tell_who_exists(house: House, signing: Signing) -> None:
    """A37, coarsely: each failure costs one hash, ours and slapd's processor time counted, however busy the machine."""
    sign_in = signing(house, Throttle(lambda: 0.0, most=1))

    def once(login: str, n: int) -> float:
        begun = house.cpu_seconds() + time.process_time()
        refused(sign_in, Credentials(login, f"wrong-password-{n}", "imap", f"198.51.{n}.7"))
        return house.cpu_seconds() + time.process_time() - begun

    known, unknown = [], []
    for n in range(9):
        known.append(once("sasmita.nayak", n))
        unknown.append(once(f"no.such.{n}", n))
    ratio = min(known) / min(unknown)
    assert 0.66 < ratio < 1.5
