"""A policy once known counts until it expires, whoever silences the DNS or the web server (RFC 8461 5, 10.2)."""

import threading

import pytest

from odcore.errors import Fault, Kind
from odmail.transport.policies import DAY, RETRY, Policies
from odmail.transport.sts import Mode
from odtest.zone import Zone

RECORD = ("_mta-sts.peer.example", "TXT")


def policy(mode: str = "enforce", host: str = "mx.peer.example", age: int = 10 * DAY) -> bytes:
    return f"version: STSv1\nmode: {mode}\nmx: {host}\nmax_age: {age}\n".encode()


class World:
    """A domain, its web server, and time."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.zone = Zone({RECORD: ["v=STSv1; id=1"], ("silent.example", "TXT"): []})
        self.published: bytes | None = policy()
        self.fetched: list[str] = []
        self.instant = 1_000_000
        self.told: list[tuple[str, str]] = []
        self.problem = Kind.TRY_LATER
        self.policies = self.open()

    def open(self) -> Policies:
        return Policies(self.folder, self.zone, self.fetch, lambda: self.instant, self.note)

    def note(self, domain: str, problem: str, _reason: str) -> None:
        self.told.append((domain, problem))

    def fetch(self, domain: str) -> bytes:
        self.fetched.append(domain)
        if self.published is None:
            raise Fault(self.problem, "away")
        return self.published

    def announce(self, text: str) -> None:
        self.zone.records[RECORD] = [text]

    def mode(self, domain: str = "peer.example") -> Mode | None:
        found = self.policies.of(domain)
        return found and found.mode


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.policies.close()


def test_a_policy_is_fetched_once_and_kept_over_a_restart(world):
    assert [world.mode() for _ in range(3)] == [Mode.ENFORCE] * 3
    world.policies.close()
    world.policies = world.open()
    assert world.mode("PEER.example") is Mode.ENFORCE
    assert world.fetched == ["peer.example"]


def test_a_policy_that_is_known_is_not_fetched_again_before_a_day_has_passed(world):
    for passed in (0, RETRY, DAY // 2, DAY // 2 - RETRY):
        world.instant += passed
        assert world.mode() is Mode.ENFORCE
        assert len(world.fetched) == (1 if world.instant < 1_000_000 + DAY else 2)


def test_nothing_is_fetched_that_is_not_announced(world):
    assert world.mode("other.example") is None
    world.zone.down = True
    assert world.mode() is None
    assert world.fetched == []


def test_a_silenced_dns_or_web_server_does_not_make_it_go_away(world):
    world.mode()
    world.published = None
    world.instant += 9 * DAY
    assert world.mode() is Mode.ENFORCE
    world.announce("v=STSv1; id=2")
    assert world.mode() is Mode.ENFORCE
    world.zone.down = True
    assert world.mode() is Mode.ENFORCE
    world.instant += DAY
    assert world.mode() is None, "it has expired"


def test_the_owner_will_be_told_why_the_policy_was_not_had(world):
    """RFC 8460 4.3.2.2"""
    world.published = None
    world.mode()
    world.problem = Kind.DENIED
    world.instant += RETRY
    world.mode()
    world.published = b"<html>"
    world.instant += RETRY
    world.mode()
    problems = ["sts-policy-fetch-error", "sts-webpki-invalid", "sts-policy-invalid"]
    assert world.told == [("peer.example", each) for each in problems]


@pytest.mark.parametrize("wrong", [b"<html>", policy("sometimes")])
def test_what_is_no_policy_replaces_none(world, wrong):
    world.mode()
    world.published = wrong
    world.announce("v=STSv1; id=2")
    assert world.mode() is Mode.ENFORCE


def test_a_new_id_brings_the_new_policy(world):
    world.mode()
    world.published = policy("testing")
    assert world.mode() is Mode.ENFORCE
    world.announce("v=STSv1; id=2")
    assert world.mode() is Mode.TESTING


def test_a_policy_is_taken_back_by_one_that_says_none(world):
    world.mode()
    world.published = policy("none")
    world.announce("v=STSv1; id=2")
    assert world.mode() is None


def test_a_web_server_that_is_away_is_not_asked_for_every_message(world):
    world.published = None
    assert [world.mode() for _ in range(5)] == [None] * 5
    assert len(world.fetched) == 1
    world.instant += RETRY
    world.published = policy()
    assert world.mode() is Mode.ENFORCE


def test_what_is_in_use_is_fetched_anew_each_day_and_what_is_not_is_forgotten(world):
    world.mode()
    world.policies.refresh()
    assert len(world.fetched) == 1
    for _ in range(30):
        world.instant += DAY
        world.policies.refresh()
        world.policies.refresh()
    assert len(world.fetched) == 31
    world.zone.down = True
    assert world.mode() is Mode.ENFORCE, "though it was first fetched thirty days ago, for ten"
    world.published = None
    world.instant += 11 * DAY
    world.policies.refresh()
    assert world.mode() is None


def test_many_threads_fetch_it_once(world):
    threads = [threading.Thread(target=world.mode) for _ in range(10)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert world.fetched == ["peer.example"]


def test_a_domain_in_another_script_is_asked_for_as_the_dns_has_it(world):
    world.zone.add("_mta-sts.xn--3-ltf.example", "TXT", "v=STSv1; id=1")
    world.mode("ଓ3.example")
    assert all(name.isascii() for name, _ in world.zone.asked)
    assert world.mode("a" * 300 + ".ଓ") is None
