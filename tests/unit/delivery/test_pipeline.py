"""From the queue to mailboxes and peers: everybody once, nothing lost, whatever the destination."""

import threading
from pathlib import Path

import msgspec
import pytest

from odcore.config.types import HostPort
from odcore.errors import Fault, Kind
from odcore.net.dns import Mx
from odmail.delivery.ports import Outcome, Security
from odmail.delivery.settings import DeliverySettings
from odmail.history.trace import Wanted, trace
from odmail.mailbox.api import SetAcl
from odmail.queue.api import Accept
from odmail.queue.model import Envelope, Origin, Recipient, Status
from odtest.postroom import BIBHU, COLLECTOR, SASMITA, PostRoom

LETTER = b"From: a@peer.example\r\nTo: all\r\nSubject: hello\r\n\r\nbody\r\n"
LARGE = LETTER + b"x" * 70 + b"\r\n" + b"y" * 100_000 + b"\r\n"


@pytest.fixture
def room(tmp_path: Path):
    made = PostRoom(tmp_path)
    made.names.hosts["peer.example"] = ("192.0.2.9",)
    yield made
    assert made.settlement._kept == []
    made.close()


def test_a_letter_reaches_person_and_post_with_its_trace(room):
    room.accept(LETTER, SASMITA.address, COLLECTOR.address)
    room.work()
    assert room.messages(SASMITA) == [b"Delivered-To: sasmita.nayak@odisha.example\r\n" + LETTER]
    assert room.messages(COLLECTOR) == [b"Delivered-To: collector.khordha@odisha.example\r\n" + LETTER]
    assert room.queue.list() == []


def test_a_batch_for_many_accounts_arrives_in_order_and_complete(room):
    for number in range(30):
        room.accept(LETTER + b"%d\r\n" % number, (SASMITA, BIBHU)[number % 2].address)
    room.work()
    for account, rest in ((SASMITA, 0), (BIBHU, 1)):
        assert [int(body.split(b"\r\n")[-2]) for body in room.messages(account)] == list(range(rest, 30, 2))


def test_a_large_body_is_one_file_in_the_queue_and_all_mailboxes(room, tmp_path):
    incoming = room.queue.incoming()
    incoming.write(LARGE)
    source = incoming.finish()
    inode = Path(source.path).stat().st_ino
    envelope = Envelope("a@peer.example", (Recipient(SASMITA.address), Recipient(BIBHU.address)))
    room.queue.accept(Accept(envelope, Origin("mx"), source))
    incoming.discard()
    room.work()
    assert room.messages(SASMITA) == room.messages(BIBHU) == [LARGE]
    blobs = [path for path in (tmp_path / "accounts").glob("*/*/blobs/*/*") if path.is_file()]
    assert {path.stat().st_ino for path in blobs} == {inode}
    assert len(blobs) == 2


def test_a_plus_address_goes_to_the_folder_of_that_name_or_to_the_inbox(room):
    room.accept(LETTER, "sasmita.nayak+archive@odisha.example")
    room.accept(LETTER, "sasmita.nayak+nowhere@odisha.example")
    room.work()
    assert len(room.messages(SASMITA, "Archive")) == 1
    assert len(room.messages(SASMITA)) == 1


def test_a_folder_that_takes_no_mail_by_its_address_leaves_it_to_the_inbox(room):
    account = room.store.open(SASMITA.id)
    account.set_acl(SetAcl("Archive", "anyone", "p", negative=True))
    room.accept(LETTER, "sasmita.nayak+archive@odisha.example")
    room.work()
    assert (len(room.messages(SASMITA, "Archive")), len(room.messages(SASMITA))) == (0, 1)


def test_two_names_of_one_mailbox_get_one_copy(room):
    room.town.aliases["boss@odisha.example"] = (SASMITA.address,)
    room.accept(LETTER, "boss@odisha.example", SASMITA.address)
    room.work()
    assert len(room.messages(SASMITA)) == 1
    assert room.queue.list() == []


def test_nested_lists_with_a_circle_reach_everybody_once(room):
    room.town.aliases["all@odisha.example"] = (SASMITA.address, "some@odisha.example", "x@peer.example")
    room.town.aliases["some@odisha.example"] = (BIBHU.address, SASMITA.address, "all@odisha.example")
    room.accept(LETTER, "all@odisha.example")
    room.work()
    assert len(room.messages(SASMITA)) == len(room.messages(BIBHU)) == 1
    ((shipment, octets),) = room.peers.got
    assert [each.address for each in shipment.envelope.recipients] == ["x@peer.example"]
    assert octets.endswith(LETTER)
    assert room.queue.list() == []


def test_the_owner_of_a_list_hears_of_members_that_cannot_be_reached(room):
    """RFC 5321 3.9.2: not the sender, who can do nothing about it; a message from nobody stays one."""
    room.town.aliases["all@odisha.example"] = (SASMITA.address, "x@peer.example")
    room.town.owners["all@odisha.example"] = COLLECTOR.address
    room.peers.answer = lambda address: Outcome(Status.FAILED, 550, "5.1.1", "no such user")
    room.accept(LETTER, "all@odisha.example", sender=BIBHU.address, envid="mine", ret="FULL")
    room.work()
    (shipment, _), *_ = room.peers.got
    assert (shipment.envelope.sender, shipment.envelope.envid) == (COLLECTOR.address, "")
    (report,) = room.messages(COLLECTOR)
    assert b"x@peer.example" in report
    assert room.messages(BIBHU) == []
    room.accept(LETTER, "all@odisha.example", sender="")
    room.work()
    assert room.peers.got[-1][0].envelope.sender == ""
    assert len(room.messages(COLLECTOR)) == 1
    assert len(room.messages(SASMITA)) == 2
    assert room.queue.list() == []


def test_an_owned_list_of_lists_with_a_circle_ends(room):
    """Loop protection does not depend on the sender."""
    room.town.aliases["all@odisha.example"] = ("x@peer.example", "all@odisha.example")
    room.town.owners["all@odisha.example"] = COLLECTOR.address
    room.peers.answer = lambda address: Outcome(Status.FAILED, 550, "5.1.1", "no such user")
    room.accept(LETTER, "all@odisha.example", sender="all@odisha.example")
    room.work()
    assert len(room.peers.got) == 1
    assert room.queue.list() == []


def test_one_member_in_trouble_concerns_nobody_else_on_the_list(room):
    room.town.aliases["all@odisha.example"] = (SASMITA.address, "x@peer.example")
    room.peers.answer = lambda address: Outcome(Status.WAITING, 451, "4.3.0", "later")
    room.accept(LETTER, "all@odisha.example")
    room.work()
    room.work()
    assert len(room.messages(SASMITA)) == 1
    (waiting,) = room.queue.list()
    assert waiting.origin.via == "all@odisha.example"
    assert [each.status for each in waiting.recipients] == [Status.DELIVERED, Status.WAITING]


def test_a_full_mailbox_defers_and_what_fits_gets_in(room):
    room.accept(b"Subject: big\r\n\r\n" + b"x" * 3000 + b"\r\n", SASMITA.address)
    room.accept(LETTER, SASMITA.address)
    room.town.accounts[SASMITA.address] = msgspec.structs.replace(SASMITA, quota=1000)
    room.work()
    assert len(room.messages(SASMITA)) == 1
    ((one,),) = [message.recipients for message in room.queue.list()]
    assert (one.status, one.attempts) == (Status.WAITING, 1)
    assert one.last_reply.startswith("452 4.2.2")


def test_a_directory_that_is_away_defers(room):
    room.accept(LETTER, SASMITA.address)
    room.town.down = True
    room.work()
    assert room.queue.list()[0].recipients[0].status is Status.WAITING
    room.town.down = False
    room.queue.retry([room.queue.list()[0].id])
    room.work()
    assert len(room.messages(SASMITA)) == 1


def test_a_recipient_that_is_gone_goes_back_to_the_sender_once(room):
    room.accept(LETTER, "gone@odisha.example", sender=BIBHU.address)
    room.work()
    (report,) = room.messages(BIBHU)
    assert b"Status: 5.1.1" in report
    assert room.queue.list() == []


def test_nobody_is_told_of_a_report_that_cannot_be_delivered(room):
    room.accept(LETTER, "gone@odisha.example", sender="")
    room.accept(LETTER, "gone@odisha.example", sender="gone.too@odisha.example")
    room.work()
    assert room.queue.list() == []
    assert room.peers.got == []
    room.history.flush()
    found = trace(room.history, lambda *_, **__: None, "cli:test", Wanted("gone@odisha.example"))
    assert [event.what for story in found for event in story.events].count("reported") == 1


def test_an_unreadable_store_of_one_account_does_not_stop_the_others(room, monkeypatch):
    opened = room.store.open

    def open_or_fail(account):
        if account == SASMITA.id:
            raise RuntimeError("a bug")
        return opened(account)

    room.accept(LETTER, SASMITA.address)
    room.accept(LETTER, BIBHU.address)
    monkeypatch.setattr(room.store, "open", open_or_fail)
    room.work()
    assert len(room.messages(BIBHU)) == 1
    (waiting,) = room.queue.list()
    assert waiting.recipients[0].last_reply.startswith("451")


def test_what_the_queue_cannot_take_now_is_settled_later(room, monkeypatch):
    room.accept(LETTER, SASMITA.address)
    settle = room.queue.settle
    failures = [Fault(Kind.TRY_LATER, "disk full")]

    def settle_or_fail(outcomes):
        if failures:
            raise failures.pop()
        settle(outcomes)

    monkeypatch.setattr(room.queue, "settle", settle_or_fail)
    room.work()
    assert len(room.messages(SASMITA)) == 1
    room.work()
    assert room.queue.list() == []


def test_outside_mail_is_grouped_by_domain_and_leaves_without_our_return_path(room):
    room.names.exchangers["other.example"] = (Mx(10, "mx.other.example"),)
    room.names.hosts["mx.other.example"] = ("2001:db8::9", "192.0.2.10")
    room.accept(b"Return-Path: <s@o>\r\n" + LETTER, "x@peer.example", "y@PEER.example", "z@other.example", ret="HDRS")
    room.work()
    got = sorted(room.peers.got, key=lambda each: len(each[0].envelope.recipients))
    assert [[one.address for one in each.envelope.recipients] for each, _ in got] == [
        ["z@other.example"],
        ["x@peer.example", "y@PEER.example"],
    ]
    assert got[0][0].hosts[0].addresses == ("2001:db8::9", "192.0.2.10")
    assert got[0][0].envelope.ret == "HDRS"
    assert {octets for _, octets in got} == {LETTER}


def test_a_forwarding_alias_leaves_its_name_and_stops_a_circle(room):
    room.town.aliases["old@odisha.example"] = ("new@peer.example",)
    room.accept(LETTER, "old@odisha.example", sender=BIBHU.address)
    room.work()
    ((shipment, octets),) = room.peers.got
    assert shipment.envelope.recipients[0].address == "new@peer.example"
    assert octets == b"Delivered-To: old@odisha.example\r\n" + LETTER
    room.accept(octets, "old@odisha.example", sender=BIBHU.address)
    room.work()
    assert len(room.peers.got) == 1
    assert b"Status: 5.4.6" in room.messages(BIBHU)[0]


def test_what_our_people_submit_is_signed_and_what_passes_through_is_not(room):
    room.keys.generate("odisha.example")
    ours = b"Return-Path: <s@o>\r\nFrom: sasmita.nayak@odisha.example\r\nSubject: x\r\n\r\nbody\r\n"
    room.accept(ours, "x@peer.example", origin=Origin("submission", person=SASMITA.id))
    room.accept(ours, "x@peer.example")
    room.accept(LETTER, "x@peer.example", origin=Origin("submission", person=SASMITA.id))
    room.work()
    assert sorted(octets.count(b"DKIM-Signature:") for _, octets in room.peers.got) == [0, 0, 2]


def test_a_relay_takes_everything_for_the_outside(tmp_path):
    room = PostRoom(tmp_path, DeliverySettings(relay=HostPort("127.0.0.1:2525"), least_free=0))
    room.accept(LETTER, "x@unknown.example", "y@other.example")
    room.work()
    assert {(each.hosts[0].addresses, each.hosts[0].port) for each, _ in room.peers.got} == {(("127.0.0.1",), 2525)}
    assert room.queue.list() == []
    room.close()


def test_a_peer_that_raises_is_a_deferral(room):
    def answer(address):
        raise RuntimeError("a bug")

    room.peers.answer = answer
    room.accept(LETTER, "x@peer.example")
    room.work()
    assert room.queue.list()[0].recipients[0].attempts == 1


def test_more_than_one_destination_may_have_at_once_waits_its_turn(room):
    for number in range(40):
        room.accept(LETTER, f"u{number}@peer.example")
    room.work()
    assert len(room.peers.got) == 40
    assert room.queue.list() == []


def test_a_slow_destination_leaves_room_for_the_others(tmp_path):
    slow = threading.Event()
    room = PostRoom(tmp_path, DeliverySettings(at_once=2, at_once_each=1, least_free=0))
    room.names.hosts = {"slow.example": ("192.0.2.1",), "quick.example": ("192.0.2.2",)}
    quick: list[str] = []

    def answer(address):
        if address.endswith("@slow.example"):
            assert slow.wait(10)
        else:
            quick.append(address)
            if len(quick) == 5:
                slow.set()
        return Outcome(Status.DELIVERED, 250, "2.0.0", "ok")

    room.peers.answer = answer
    for number in range(5):
        room.accept(LETTER, f"u{number}@slow.example", f"u{number}@quick.example")
    room.work()
    assert len(quick) == 5
    assert room.queue.list() == []
    room.close()


def test_bare_postmaster_is_named_in_full(room):
    room.town.aliases["postmaster@odisha.example"] = (SASMITA.address,)
    room.accept(LETTER, "postmaster")
    room.work()
    assert room.messages(SASMITA)[0].startswith(b"Delivered-To: postmaster@odisha.example\r\n")


def test_where_a_policy_is_enforced_mail_goes_to_its_hosts_only_or_waits(room):
    room.names.exchangers["peer.example"] = (Mx(10, "mx.peer.example"),)
    room.names.hosts["mx.peer.example"] = ("192.0.2.9",)
    room.names.texts["_mta-sts.peer.example"] = (b"v=STSv1; id=1",)
    room.published["peer.example"] = b"version: STSv1\nmode: enforce\nmx: mx.peer.example\nmax_age: 86400\n"
    room.accept(LETTER, "b@peer.example", sender=SASMITA.address)
    room.work()
    [(shipment, _)] = room.peers.got
    assert [host.security for host in shipment.hosts] == [Security.REQUIRED]
    room.names.exchangers["peer.example"] = (Mx(10, "peer.example"),)  # as a false answer would have it
    room.accept(LETTER, "b@peer.example", sender=SASMITA.address)
    room.work()
    assert len(room.peers.got) == 1
    [waiting] = room.queue.list()
    assert waiting.recipients[0].status is Status.WAITING
    assert "MTA-STS policy of peer.example" in waiting.recipients[0].last_reply


def test_what_must_travel_by_tls_goes_to_proven_hosts_and_so_do_its_reports(room):
    room.town.aliases["away@odisha.example"] = ("b@peer.example",)
    room.accept(LETTER, "away@odisha.example", requiretls=True)
    room.work()
    room.peers.answer = lambda address: Outcome(Status.FAILED, 550, "5.1.1", "no")
    room.accept(LETTER, "b@peer.example", requiretls=True, ret="FULL")
    room.work()
    shipments = [shipment for shipment, _ in room.peers.got]
    senders = [room.rewriter.reverse(shipment.envelope.sender) for shipment in shipments]
    assert senders == ["a@peer.example", "a@peer.example", ""]
    assert all(shipment.envelope.requiretls for shipment in shipments)
    assert {host.security for shipment in shipments for host in shipment.hosts} == {Security.REQUIRED}
    report = room.peers.got[-1][1]
    assert b"Subject: hello" in report
    assert b"\r\nbody\r\n" not in report


def test_a_rerouted_message_goes_by_the_server_an_administrator_names(room):
    room.peers.answer = lambda _: Outcome(Status.WAITING, 451, "4.3.0", "not now")
    name = room.accept(LETTER, "u@peer.example", SASMITA.address)
    room.work()
    room.peers.answer = lambda _: Outcome(Status.DELIVERED, 250, "2.0.0", "queued")
    room.names.hosts["relay.example"] = ("192.0.2.25",)
    assert room.queue.reroute([name], "relay.example:26") == 1
    room.work()
    (host,) = room.peers.got[-1][0].hosts
    assert (host.name, host.addresses, host.port) == ("relay.example", ("192.0.2.25",), 26)
    assert room.queue.list() == []
    assert len(room.messages(SASMITA)) == 1


@pytest.mark.parametrize(
    ("field", "security"), [(b"", Security.REQUIRED), (b"TLS-Required: No\r\n", Security.OPPORTUNISTIC)]
)
def test_a_sender_may_waive_what_a_domain_asks_of_tls(room, field, security):
    """RFC 8689 3: it is the sender's message; REQUIRETLS in the envelope comes first."""
    room.names.exchangers["peer.example"] = (Mx(10, "mx.peer.example"),)
    room.names.hosts["mx.peer.example"] = ("192.0.2.9",)
    room.names.texts["_mta-sts.peer.example"] = (b"v=STSv1; id=1",)
    room.published["peer.example"] = b"version: STSv1\nmode: enforce\nmx: mx.peer.example\nmax_age: 864000\n"
    room.accept(field + LETTER, "b@peer.example")
    room.accept(field + LETTER, "b@peer.example", requiretls=True)
    room.work()
    first, second = (shipment.hosts[0].security for shipment, _ in room.peers.got)
    assert (first, second) == (security, Security.REQUIRED)


def test_a_policy_that_names_other_servers_does_not_keep_what_waives_it(room):
    room.names.exchangers["peer.example"] = (Mx(10, "mx.peer.example"),)
    room.names.hosts["mx.peer.example"] = ("192.0.2.9",)
    room.names.texts["_mta-sts.peer.example"] = (b"v=STSv1; id=1",)
    room.published["peer.example"] = b"version: STSv1\nmode: enforce\nmx: other.example\nmax_age: 864000\n"
    room.accept(LETTER, "b@peer.example")
    room.accept(b"tls-required:  NO \r\n" + LETTER, "b@peer.example")
    room.work()
    assert len(room.peers.got) == 1
