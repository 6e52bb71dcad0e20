"""The checks of clients and senders: lists in the DNS, greylisting that learns, names that show other names."""

import pytest

from odmail.filter.case import Case
from odmail.filter.check import Tools
from odmail.filter.checks import dnslists, greylist, impersonation
from odmail.filter.memory import Memory
from odmail.filter.ops.greylist import EXPECTED, KNOWN, REMEMBERED, WAIT
from odmail.filter.settings import FilterSettings
from odmail.queue.model import Envelope, Origin, Recipient
from odmail.queue.verdict import Action, Finding
from odtest.zone import TIMEOUT, Zone

HEADER = b"From: Anna <anna@peer.example>\r\nSubject: hello\r\n"


class Clock:
    def __init__(self) -> None:
        self.now = 1_764_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def memory(tmp_path, clock):
    made = Memory(tmp_path, clock)
    yield made
    made.close()


def case(
    address: str = "192.0.2.7", to: tuple[str, ...] = ("x@odisha.example",), header: bytes = HEADER, **more
) -> Case:
    octets = header + b"\r\nbody\r\n"
    envelope = Envelope("anna@peer.example", tuple(map(Recipient, to)))
    return Case(envelope, Origin("mx", address=address), memoryview(octets), len(header), outside=True, **more)


def run(check, made: Case, memory=None, names=None, **settings) -> list[Finding]:
    tools = Tools(FilterSettings(**settings), memory, names, lambda domain: domain == "odisha.example")
    return list(check.check(made, tools))


# -- blocklists

LISTS = Zone(
    {
        ("7.2.0.192.bl.example", "A"): ["127.0.0.2"],
        ("8.2.0.192.bl.example", "A"): ["127.255.255.254"],
        ("9.2.0.192.bl.example", "A"): ["192.0.2.1"],
        ("7.2.0.192.wl.example", "A"): ["127.0.5.1"],
        ("10.2.0.192.bl.example", "A"): [TIMEOUT],
        ("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example", "A"): ["127.0.0.4"],
    }
)


@pytest.mark.parametrize(
    ("address", "listed"),
    [
        ("192.0.2.7", True),
        ("2001:db8::1", True),
        ("192.0.2.8", False),  # the list refuses to answer us
        ("192.0.2.9", False),  # a list that was sold
        ("192.0.2.10", False),
        ("192.0.2.11", False),
    ],
)
def test_clients_on_a_blocklist_are_refused(address, listed):
    found = run(dnslists, case(address), names=LISTS, blocklists=("bl.example",))
    assert [each.action for each in found] == ([Action.REFUSE] if listed else [])


def test_whoever_is_listed_can_still_ask_the_postmaster_why():
    to = ("postmaster@odisha.example", "Abuse@odisha.example")
    (found,) = run(dnslists, case(to=to), names=LISTS, blocklists=("bl.example",))
    assert found.action is Action.NONE
    (found,) = run(dnslists, case(to=(*to, "x@odisha.example")), names=LISTS, blocklists=("bl.example",))
    assert found.action is Action.REFUSE


def test_an_allowlist_goes_before_a_blocklist():
    (found,) = run(dnslists, case(), names=LISTS, blocklists=("bl.example",), allowlists=("wl.example",))
    assert (found.check, found.score) == ("dnswl", -2.0)


def test_no_list_and_no_dns_ask_nothing():
    assert run(dnslists, case(), names=None, blocklists=("bl.example",)) == []
    names = Zone()
    assert run(dnslists, case(), names=names) == []
    assert names.asked == []


# -- greylisting


def waits(memory, made: Case | None = None, **settings) -> bool:
    return bool(run(greylist, made or case(), memory, **settings))


def test_the_first_attempt_waits_and_one_that_comes_again_in_time_passes(memory, clock):
    (found,) = run(greylist, case(), memory)
    assert (found.action, found.code) == (Action.DEFER, "4.7.1")
    clock.now += WAIT - 1
    assert waits(memory)
    clock.now += 1
    assert not waits(memory)
    assert not waits(memory)


def test_neighbors_count_as_one_client_and_strangers_do_not(memory, clock):
    waits(memory)
    clock.now += WAIT
    assert not waits(memory, case("192.0.2.99"))
    assert waits(memory, case("192.0.3.7"))
    assert waits(memory, case("2001:db8::1"))
    clock.now += WAIT
    assert not waits(memory, case("2001:db8::ffff:1"))


def test_one_new_recipient_makes_the_whole_message_wait(memory, clock):
    waits(memory)
    clock.now += WAIT
    assert not waits(memory)
    both = ("x@odisha.example", "y@odisha.example")
    assert waits(memory, case(to=both))
    clock.now += WAIT
    assert not waits(memory, case(to=both))


def test_a_network_that_passed_often_enough_waits_no_more(memory, clock):
    for number in range(KNOWN):
        assert waits(memory, case(to=(f"{number}@odisha.example",)))
        clock.now += WAIT
        assert not waits(memory, case(to=(f"{number}@odisha.example",)))
    assert not waits(memory, case(to=("new@odisha.example",)))


def test_what_comes_too_late_is_new_and_what_passed_is_remembered_for_weeks(memory, clock):
    waits(memory)
    clock.now += EXPECTED + 1
    assert waits(memory)
    clock.now += WAIT
    assert not waits(memory)
    clock.now += REMEMBERED - 86400
    assert not waits(memory)
    clock.now += REMEMBERED + 1
    memory.forget()
    assert waits(memory)


def test_only_those_nothing_speaks_for_wait_unless_the_house_wants_it_otherwise(memory):
    vouched = {"domains": frozenset(("peer.example",))}
    assert not waits(memory, case(**vouched))
    assert waits(memory, case(**vouched), greylist="all")
    assert waits(memory, case(**vouched, findings=(Finding("x", "y", score=2.0),)))
    assert not waits(memory, case(), greylist="off")
    assert not waits(memory, case(findings=(Finding("dnswl", "listed"),)))


# -- display names


@pytest.mark.parametrize(
    ("header", "caught"),
    [
        (b'From: "minister@odisha.example" <x@bank.example>\r\n', True),
        (b"From: =?utf-8?q?minister=40odisha.example?= <x@bank.example>\r\n", True),
        ("From: minister＠odisha.example <x@bank.example>\r\n".encode(), True),
        (b'From: "Minister" <x@bank.example>\r\nReply-To: "minister@odisha.example" <x@bank.example>\r\n', True),
        (b'From: "x@bank.example minister@odisha.example" <x@bank.example>\r\n', True),
        ("From: minister@odisha\u3002example <x@bank.example>\r\n".encode(), True),
        ("From: \uff4dinister@odi\u200bsha.ex\u00adample <x@bank.example>\r\n".encode(), True),
        (b'From: "x@bank.example" <x@bank.example>\r\n', False),
        (b'From: "minister@odisha.example" <minister@odisha.example>\r\n', False),
        (b'From: "anna@other.example" <x@bank.example>\r\n', False),
    ],
)
def test_a_display_name_cannot_wear_an_address_of_ours(header, caught):
    assert bool(run(impersonation, case(header=header))) == caught
