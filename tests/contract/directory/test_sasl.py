"""SCRAM, tokens and certificates against a real slapd; SCRAM's client is one that nobody here wrote."""

import subprocess
from collections.abc import Callable
from datetime import timedelta

import pytest
from scramp import ScramClient

from odcore import clock
from odcore.directory.model import Person, Post, State
from odcore.directory.ops.charge import Handover, hand_over
from odcore.directory.ops.device import (
    AddDevicePassword,
    IssueToken,
    add_device_password,
    issue_token,
    revoke,
)
from odcore.directory.ops.exchange import export
from odcore.directory.ops.person import AddPerson, add_person
from odcore.directory.ops.post import AddPost, add_post
from odcore.directory.ops.state import set_state
from odcore.errors import Fault, Kind
from odcore.identity.api import BearerToken, Certificate, Credentials, Principal, ScramLogin
from odcore.identity.signin import LdapSignIn
from odcore.sasl.api import Channel
from odcore.sasl.engine import find, offered
from odtest.coroutines import run
from odtest.slapd import House

Signing = Callable[..., LdapSignIn]


class Phone:
    """A client with a password: `odcore.sasl.api.Peer`."""

    service, address, client, channel = "imap", "192.0.2.9", "", Channel()

    def __init__(self, sign_in: LdapSignIn, login: str, password: str) -> None:
        self.sign_in = sign_in
        self.scram = ScramClient(["SCRAM-SHA-256"], login, password)
        self.said = 0

    async def ask(self, challenge: bytes) -> bytes:
        self.said += 1
        if self.said == 1:
            self.scram.set_server_first(challenge.decode())
            return self.scram.get_client_final().encode()
        self.scram.set_server_final(challenge.decode())
        return b""

    async def call(self, function, /, *args):
        return function(*args)

    def run(self) -> Principal:
        mechanism = find("SCRAM-SHA-256", self.sign_in, self.channel)
        assert mechanism is not None
        return run(mechanism.run(self, self.scram.get_client_first().encode()))


def someone(house: House, uid: str) -> Person:
    return add_person(house.admin, AddPerson(uid=uid, family_name=uid.title(), password="nilachala-2026"))


def held_post(house: House, cn: str, *holders: Person) -> Post:
    post = add_post(house.admin, AddPost(cn=cn, title=cn))
    for holder in holders:
        hand_over(house.admin, house.directory.post(post.id), Handover(to=holder.uid, order="GA-1"))
    return house.directory.post(post.id)


def refused(act: Callable[[], object]) -> Kind:
    with pytest.raises(Fault) as caught:
        act()
    return caught.value.kind


def test_scram_signs_in_with_any_device_password_as_it_is_printed_or_without_dashes(house: House, signing: Signing):
    """The server does not know which device speaks until it has proved its password, and proves itself in turn."""
    person, sign_in = someone(house, "scram.one"), signing(house, directory_password=False)
    for name in ("phone", "laptop"):
        made, secret = add_device_password(house.admin, AddDevicePassword(person=person, name=name))
        for form in (secret, secret.replace("-", "")):
            phone = Phone(sign_in, "scram.one@odisha.example", form)
            principal = phone.run()
            assert (principal.person.id, principal.device) == (person.id, made.id)
            assert phone.said == 2
    assert house.events[-1][3]["outcome"] == "ok"


def test_scram_opens_a_post_for_its_holder(house: House, signing: Signing):
    """And for nobody else, and not with a password for one's own mailbox."""
    holder, sign_in = someone(house, "scram.holder"), signing(house, directory_password=False)
    post = held_post(house, "scram.post", holder)
    _, own = add_device_password(house.admin, AddDevicePassword(person=holder, name="own"))
    _, secret = add_device_password(house.admin, AddDevicePassword(person=holder, name="x", post=post))
    assert Phone(sign_in, "scram.post", secret).run().account.id == post.id
    assert refused(Phone(sign_in, "scram.post", own).run) is Kind.LOGIN
    hand_over(house.admin, post, Handover(to="bibhu.das", order="GA-2"))
    assert refused(Phone(sign_in, "scram.post", secret).run) is Kind.LOGIN


def test_scram_is_offered_only_where_everybody_has_a_verifier(house: House, signing: Signing):
    """A client takes the best it is offered, and one with a directory password would fail."""
    assert "SCRAM-SHA-256" not in offered(signing(house), Channel())
    assert "SCRAM-SHA-256" in offered(signing(house, directory_password=False), Channel())


def test_a_login_that_nobody_has_looks_like_any_other(house: House, signing: Signing):
    """Its salt has the same form and stays the same on every node, however the login is spelled."""
    person, sign_in = someone(house, "scram.salt"), signing(house, directory_password=False)
    salts = {}
    for login in ("no.body", "No.Body@odisha.example", "no.other", "scram.salt"):
        salts[login] = sign_in.challenge(ScramLogin(login, "imap", "192.0.2.8")).salt
    another = signing(house, directory_password=False).challenge(ScramLogin("no.body", "imap", "192.0.2.8"))
    assert salts["no.body"] == salts["No.Body@odisha.example"] == another.salt
    assert len({len(salt) for salt in salts.values()}) == 1
    assert len(set(salts.values())) == 3
    add_device_password(house.admin, AddDevicePassword(person=person, name="first"))
    after = sign_in.challenge(ScramLogin("scram.salt@odisha.example", "imap", "192.0.2.8"))
    assert after.salt == salts["scram.salt"]


def test_what_must_not_sign_in_by_scram(house: House, signing: Signing):
    """A wrong password, another scope, one that is over, one revoked, a disabled person: all alike."""
    person, sign_in = someone(house, "scram.no"), signing(house, directory_password=False)
    kinds = [refused(Phone(sign_in, "scram.no", "aaaa-bbbb-cccc-dddd-eeee").run)]
    _, drive = add_device_password(house.admin, AddDevicePassword(person=person, name="a", scopes=("drive",)))
    past = clock.now() - timedelta(minutes=1)
    _, late = add_device_password(house.admin, AddDevicePassword(person=person, name="b", expires=past))
    made, gone = add_device_password(house.admin, AddDevicePassword(person=person, name="c"))
    revoke(house.admin, person, made)
    kinds += [refused(Phone(sign_in, "scram.no", secret).run) for secret in (drive, late, gone)]
    _, good = add_device_password(house.admin, AddDevicePassword(person=person, name="d"))
    set_state(house.admin, house.directory.person(person.id), State.DISABLED)
    kinds.append(refused(Phone(sign_in, "scram.no", good).run))
    assert set(kinds) == {Kind.LOGIN}


def test_scram_guesses_are_slowed_down(house: House, signing: Signing):
    """As those by PLAIN are, for logins that exist and those that do not."""
    someone(house, "scram.slow")
    sign_in = signing(house, directory_password=False)
    for login in ("scram.slow", "scram.nobody"):
        kinds = [refused(Phone(sign_in, login, "aaaa-bbbb-cccc-dddd-eeee").run) for _ in range(8)]
        assert kinds[:6] == [Kind.LOGIN] * 6
        assert Kind.LIMIT in kinds


def test_nobody_but_the_service_reads_what_proves_a_password(house: House):
    """Not the person, not an export."""
    person = someone(house, "scram.secret")
    _, secret = add_device_password(house.admin, AddDevicePassword(person=person, name="phone"))
    issue_token(house.admin, IssueToken(person=person, name="phone"))
    dump = "".join(export(house.admin)).lower()
    assert "odmailopens" in dump
    assert "odmailscram" not in dump
    assert "odmaildigest" not in dump
    own = f"cn={secret[:4]},{person.dn}"
    argv = ["ldapsearch", "-x", "-LLL", "-H", house.slapd.url, "-b", own, "-s", "base"]
    bind = ["-D", own, "-w", secret.replace("-", "")]
    seen = subprocess.run([*argv, *bind, "+", "*"], capture_output=True, text=True, check=False, timeout=20).stdout
    assert "odmailOwner" in seen
    assert "odmailScram" not in seen
    assert "userPassword" not in seen


def token_of(house: House, person: Person, **more: object) -> str:
    return issue_token(house.admin, IssueToken(person=person, name="program", **more))[1]


def test_a_token_opens_what_it_was_issued_for(house: House, signing: Signing):
    """Whether or not the client says whose it is, and until it is revoked."""
    person, sign_in = someone(house, "token.one"), signing(house)
    made, token = issue_token(house.admin, IssueToken(person=person, name="program"))
    for login in ("", "token.one", "token.one@odisha.example"):
        principal = sign_in.bear(BearerToken(token, login, "submission", "192.0.2.9"))
        assert (principal.person.id, principal.device) == (person.id, made.id)
    assert sign_in.still_valid(principal)
    revoke(house.admin, person, made)
    assert not sign_in.still_valid(principal)
    assert refused(lambda: sign_in.bear(BearerToken(token, "", "imap", "192.0.2.9"))) is Kind.LOGIN


def test_what_a_token_does_not_open(house: House, signing: Signing):
    """Another account, another scope, after its end; nothing that only looks like it; and it is no password."""
    person, sign_in = someone(house, "token.two"), signing(house)
    good = token_of(house, person)
    offers = [
        (good, "bibhu.das"),
        (good, "no.body"),
        (good[:-1] + ("A" if good[-1] != "A" else "B"), ""),
        (good.partition(".")[0], ""),
        ("", ""),
        (token_of(house, person, scopes=("drive",)), ""),
        (token_of(house, person, expires=clock.now() - timedelta(minutes=1)), ""),
    ]
    for number, (token, login) in enumerate(offers):
        offer = BearerToken(token, login, "imap", f"192.0.2.{number + 20}")
        assert refused(lambda offer=offer: sign_in.bear(offer)) is Kind.LOGIN
    assert sign_in.bear(BearerToken(good, "", "imap", "192.0.2.9")).person.id == person.id


def test_a_token_for_a_post_ends_with_the_charge(house: House, signing: Signing):
    """As a device password for it does."""
    holder, sign_in = someone(house, "token.holder"), signing(house)
    post = held_post(house, "token.post", holder)
    token = token_of(house, holder, post=post)
    principal = sign_in.bear(BearerToken(token, "token.post", "imap", "192.0.2.9"))
    assert (principal.account.id, principal.person.id) == (post.id, holder.id)
    hand_over(house.admin, post, Handover(to="bibhu.das", order="GA-2"))
    assert not sign_in.still_valid(principal)


def shown(addresses: tuple[str, ...], authzid: str = "") -> Certificate:
    return Certificate(addresses, "imap", "192.0.2.9", authzid)


def test_a_certificate_names_its_person(house: House, signing: Signing):
    """By any of their addresses, and lets them into a post they hold; a changed password does not concern it."""
    holder, sign_in = someone(house, "card.holder"), signing(house)
    post = held_post(house, "card.post", holder)
    principal = sign_in.certify(shown(("Card.Holder@odisha.example",)))
    assert principal.account.id == holder.id
    assert sign_in.still_valid(principal)
    assert sign_in.certify(shown(("card.holder@odisha.example",), "card.post@odisha.example")).account.id == post.id
    set_state(house.admin, house.directory.person(holder.id), State.DISABLED)
    assert not sign_in.still_valid(principal)


@pytest.mark.parametrize(
    ("addresses", "authzid"),
    [
        (("no.body@odisha.example",), ""),
        (("sasmita.nayak@odisha.example", "bibhu.das@odisha.example"), ""),
        (("bibhu.das@odisha.example",), "sasmita.nayak"),
        (("bibhu.das@odisha.example",), "collector.khordha@odisha.example"),
        (("bibhu.das@odisha.example",), "no.such"),
        (("collector.khordha@odisha.example",), ""),
        ((), ""),
    ],
)
def test_what_a_certificate_does_not_open(house: House, signing: Signing, addresses: tuple[str, ...], authzid: str):
    """Nobody's, two people's, another person, a post not held, a post without its person."""
    sign_in = signing(house)
    assert refused(lambda: sign_in.certify(shown(addresses, authzid))) is Kind.LOGIN


def test_with_device_passwords_only_the_directory_password_is_for_pages(house: House, signing: Signing):
    """And a device password is not."""
    person = someone(house, "web.only")
    _, secret = add_device_password(house.admin, AddDevicePassword(person=person, name="phone"))
    sign_in = signing(house, directory_password=False)

    def offer(password: str, service: str) -> Credentials:
        return Credentials("web.only", password, service, "192.0.2.9")

    assert sign_in.sign_in(offer("nilachala-2026", "web")).person.id == person.id
    assert sign_in.sign_in(offer(secret, "imap")).person.id == person.id
    assert refused(lambda: sign_in.sign_in(offer("nilachala-2026", "imap"))) is Kind.LOGIN
    assert refused(lambda: sign_in.sign_in(offer(secret, "web"))) is Kind.LOGIN


def test_scram_asks_the_directory_as_often_for_nobody_as_for_somebody(
    house: House, signing: Signing, monkeypatch: pytest.MonkeyPatch
):
    """P24: what takes the time is the same."""
    person, sign_in = someone(house, "scram.time"), signing(house, directory_password=False)
    add_device_password(house.admin, AddDevicePassword(person=person, name="phone"))
    asked: list[str] = []
    search = house.link.search
    monkeypatch.setattr(house.link, "search", lambda *args, **more: asked.append(args[0]) or search(*args, **more))

    def questions(login: str) -> int:
        sign_in.challenge(ScramLogin(login, "imap", "192.0.2.77"))  # now names are in the cache, or that nobody has it
        asked.clear()
        sign_in.challenge(ScramLogin(login, "imap", "192.0.2.77"))
        return len(asked)

    assert questions("scram.time") == questions("scram.nobody.at.all") == 1
