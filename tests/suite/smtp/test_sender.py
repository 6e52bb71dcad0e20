"""Sending over sockets to servers that refuse, vanish, stall or lie: no mail is lost, doubled or thought delivered."""

import resource
import select
import threading
import time
from pathlib import Path

import pytest

from odmail.delivery import remote
from odmail.delivery.ports import Security, Shipment
from odmail.queue import store
from odmail.queue.model import Status
from odmail.smtp.idle import Idle
from odtest.daemon import free_port, until
from odtest.outgoing import BODY, STUFFED, Send, statuses
from odtest.peer import HELLO, STARTTLS, Guest, Peer, drop
from odtest.postroom import PostRoom


def test_a_message_arrives_as_it_is_and_the_conversation_ends_politely(send: Send, peer):
    with peer() as mx:
        [outcome] = send(mx)
        assert (outcome.status, outcome.reply) == (Status.DELIVERED, "250 2.0.0 taken")
        assert outcome.host == "mx.example [127.0.0.1]"
        assert mx.messages == [STUFFED]
        until(lambda: mx.told() == [["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]], lambda: str(mx.told()))


def test_with_pipelining_a_whole_envelope_is_one_question(send: Send, peer):
    def late(guest: Guest) -> None:  # says nothing to MAIL before it has DATA
        while guest.line() != "DATA":
            pass
        guest.say("250 ok\r\n250 ok\r\n550 5.1.1 nobody\r\n250 ok")
        guest.answer("DATA")

    with peer(MAIL=late) as mx:
        assert statuses(send(mx, to=("a@x.example", "b@x.example", "c@x.example"))) == [
            Status.DELIVERED,
            Status.FAILED,
            Status.DELIVERED,
        ]
        assert mx.messages == [STUFFED]


def test_without_pipelining_nothing_is_said_before_the_answer(send: Send, peer):
    early: list[str] = []

    def slowly(guest: Guest) -> None:
        if select.select([guest.socket], [], [], 0.1)[0] or guest.left:
            early.append(guest.told[-1])
        guest.say("250 ok")

    with peer(EHLO="250 mx.example", MAIL=slowly, RCPT=slowly) as mx:
        assert statuses(send(mx, to=("a@x.example", "b@x.example"))) == [Status.DELIVERED] * 2
        assert early == []


def test_a_server_that_knows_no_ehlo_is_spoken_to_in_helo(send: Send, peer):
    with peer(EHLO="502 5.5.1 what?") as mx:
        assert statuses(send(mx)) == [Status.DELIVERED]


# -- TLS


def test_tls_is_used_where_it_is_offered_whatever_the_certificate(send: Send, peer):
    with peer(EHLO=STARTTLS) as mx:
        [outcome] = send(mx)
        assert outcome.status is Status.DELIVERED
        assert outcome.tls.startswith("TLSv1.3")
        assert [each.partition(" ")[0] for each in mx.guests[0].told][:3] == ["EHLO", "STARTTLS", "EHLO"]


def garbage(guest: Guest) -> None:
    guest.say("220 go ahead")
    guest.more()
    guest.say("this is no handshake")
    guest.close()


def hang_up(guest: Guest) -> None:
    guest.say("220 go ahead")
    guest.close()


def stall(guest: Guest) -> None:
    guest.say("220 go ahead")
    while True:
        guest.more()


@pytest.mark.parametrize("handshake", [garbage, hang_up, stall])
def test_where_the_handshake_fails_mail_goes_in_clear_by_a_new_connection(send: Send, peer, handshake):
    with peer(EHLO=STARTTLS, STARTTLS=handshake) as mx:
        [outcome] = send(mx)
        assert (outcome.status, outcome.tls) == (Status.DELIVERED, "")
        assert [each[:3] for each in mx.told()] == [["EHLO", "STARTTLS"], ["EHLO", "MAIL", "RCPT"]]
        assert mx.messages == [STUFFED]


@pytest.mark.parametrize("handshake", [garbage, hang_up])
def test_where_tls_is_a_must_a_failed_handshake_means_another_time(send: Send, peer, handshake):
    with peer(EHLO=STARTTLS, STARTTLS=handshake) as mx:
        assert statuses(send(mx, security=Security.REQUIRED)) == [Status.WAITING]
        assert len(mx.guests) == 1
        assert mx.messages == []


def test_where_tls_is_a_must_a_server_without_it_gets_nothing(send: Send, peer):
    with peer() as mx:
        [outcome] = send(mx, security=Security.REQUIRED)
        assert (outcome.status, outcome.enhanced) == (Status.WAITING, "4.7.4")
        assert mx.told()[0][:1] == ["EHLO"]
        assert mx.messages == []


def test_where_tls_is_a_must_the_certificate_must_name_the_host(send: Send, peer, tmp_path: Path):
    with peer(EHLO=STARTTLS) as mx:
        [outcome] = send(mx, security=Security.REQUIRED)
        assert outcome.status is Status.DELIVERED
        assert outcome.tls
    with Peer(tmp_path / "other", EHLO=STARTTLS) as stranger:
        stranger.authority = mx.authority  # whom we believe; it signed another certificate
        assert statuses(send(stranger, security=Security.REQUIRED, reuse=1)) == [Status.WAITING]
        assert stranger.messages == []


def test_what_is_said_behind_the_answer_to_starttls_is_not_believed(send: Send, peer):
    with peer(
        EHLO=STARTTLS, STARTTLS=lambda guest: guest.say("220 go ahead\r\n250-mx.example\r\n250 AUTH PLAIN")
    ) as mx:
        [outcome] = send(mx)
        assert (outcome.status, outcome.enhanced) == (Status.WAITING, "4.7.5")
        assert mx.messages == []


# -- connections kept


def test_a_second_message_goes_by_the_same_connection_which_is_closed_politely_when_nobody_wants_it(send: Send, peer):
    with peer(EHLO=STARTTLS) as mx:
        for _ in range(3):
            assert statuses(send(mx, reuse=1)) == [Status.DELIVERED]
        assert len(mx.guests) == 1
        assert len(mx.messages) == 3
        until(lambda: mx.told()[0][-1] == "QUIT", "good-bye")


def test_a_kept_connection_that_broke_meanwhile_costs_nothing(send: Send, peer):
    with peer() as mx:
        assert statuses(send(mx, reuse=60)) == [Status.DELIVERED]
        mx.guests[0].socket.close()
        assert statuses(send(mx, reuse=60)) == [Status.DELIVERED]
        assert len(mx.guests) == 2
        assert mx.messages == [STUFFED] * 2


def test_a_server_that_has_had_enough_of_a_kept_connection_gets_the_message_by_another_one(send: Send, peer):
    def enough(guest: Guest) -> None:
        sent = [line.partition(" ")[0] for line in guest.told].count("MAIL")
        guest.say("250 ok" if sent < 3 else "421 4.7.0 too many messages in this session")
        if sent >= 3:
            guest.close()

    with peer(MAIL=enough) as mx:
        assert [statuses(send(mx, reuse=60)) for _ in range(7)] == [[Status.DELIVERED]] * 7
        assert mx.messages == [STUFFED] * 7
        assert len(mx.guests) == 4


def test_a_refusal_leaves_the_connection_fit_for_the_next_message(send: Send, peer):
    with peer(RCPT="550 5.1.1 nobody", DATA="554 5.5.1 no valid recipients") as mx:
        assert statuses(send(mx, reuse=60)) == [Status.FAILED]
        mx.answers |= {"RCPT": "250 ok", "DATA": "354 go ahead"}
        assert statuses(send(mx, reuse=60)) == [Status.DELIVERED]
        assert len(mx.guests) == 1


def test_of_connections_nobody_uses_the_one_that_waited_longest_makes_room():
    idle: Idle[str] = Idle()
    assert [idle.add(number % 7, f"{number}") for number in range(100)] == [None] * 100
    assert idle.add(1, "100") == "0"
    idle.drop(0, "0")
    idle.drop(0, "0")
    assert (idle.take(1), idle.take(1), idle.take("other")) == ("100", "99", None)
    assert idle.add(1, "101") is None


# -- refusals and losses at each stage

STAGES = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "end"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_4xx_at_any_stage_means_another_time(send: Send, peer, stage: str):
    answers = {stage: "451 4.3.0 not now"} | ({"HELO": "451 4.3.0 not now"} if stage == "EHLO" else {})
    with peer(**answers) as mx:
        [outcome] = send(mx)
        assert (outcome.status, outcome.code // 100) == (Status.WAITING, 4)
        assert "not now" in outcome.text


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "end"])
def test_a_5xx_about_the_message_is_for_good(send: Send, peer, stage: str):
    with peer(**{stage: "550 5.7.1 never"}) as mx:
        [outcome] = send(mx)
        assert (outcome.status, outcome.reply) == (Status.FAILED, "550 5.7.1 never")


@pytest.mark.parametrize("stage", ["greeting", "EHLO"])
def test_a_5xx_about_the_connection_is_no_recipients_fault(send: Send, peer, stage: str):
    with peer(**{stage: "554 5.7.1 not you", "HELO": "554 5.7.1 not you"}) as mx:
        assert statuses(send(mx)) == [Status.WAITING]


@pytest.mark.parametrize("stage", STAGES)
def test_a_421_at_any_stage_means_another_time(send: Send, peer, stage: str):
    with peer(**{stage: "421 4.3.2 closing"}) as mx:
        assert statuses(send(mx)) == [Status.WAITING]


def in_content(guest: Guest) -> None:
    guest.say("354 go ahead")
    guest.until(b"Subject")
    guest.close()


@pytest.mark.parametrize("stage", [*STAGES[:-1], "content"])
def test_where_a_server_vanishes_before_it_has_the_message_the_next_one_gets_it(send: Send, peer, stage: str):
    answers = {"DATA": in_content} if stage == "content" else {stage: drop}
    large = b"Subject: x\r\n\r\n" + b"all of it\r\n" * 200_000
    with peer(**answers) as first, peer() as second:
        assert statuses(send(first, second, body=large)) == [Status.DELIVERED]
        assert second.messages == [large]
        assert first.messages == []


def test_where_a_server_vanishes_after_the_last_dot_nobody_else_gets_it_now(send: Send, peer):
    with peer(end=drop) as first, peer() as second:
        assert statuses(send(first, second)) == [Status.WAITING]
        assert len(first.messages) == 1  # it may have it
        assert second.guests == []


def test_where_nobody_listens_the_next_host_is_asked_and_without_one_another_time(send: Send, peer):
    with peer() as mx:
        assert statuses(send(free_port(), mx)) == [Status.DELIVERED]
    [outcome] = send(free_port())
    assert (outcome.status, outcome.enhanced) == (Status.WAITING, "4.4.1")


# -- slow ones


@pytest.mark.parametrize("stage", ["greeting", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_server_that_drips_its_answer_runs_out_of_time(send: Send, peer, stage: str):
    def drip(guest: Guest) -> None:
        for letter in b"250-" + b"x" * 1000:
            guest.say(bytes([letter]))
            time.sleep(0.05)

    with peer(**{stage: drip}) as mx:
        at = time.monotonic()
        [outcome] = send(mx)
        assert outcome.status is Status.WAITING
        assert "no reply in time" in outcome.text
        assert time.monotonic() - at < 10  # 1 s of patience, on a busy machine


def test_a_server_that_reads_slowly_gets_all_of_a_large_message(send: Send, peer):
    large = b"Subject: x\r\n\r\n" + b"0123456789abcdef" * 4 * 100 + b"\r\n"
    large *= 400

    def read_slowly(guest: Guest) -> None:
        guest.say("354 go ahead")
        for _ in range(20):
            guest.more()
            time.sleep(0.05)
        guest.peer.messages.append(guest.until(b"\r\n.\r\n").removesuffix(b".\r\n"))
        guest.answer(".")

    with peer(DATA=read_slowly) as mx:
        assert statuses(send(mx, body=large)) == [Status.DELIVERED]
        assert mx.messages == [large]


@pytest.mark.parametrize("stage", ["greeting", "end"])
def test_slow_servers_never_keep_a_message_for_longer_than_its_lease(
    tmp_path: Path, send: Send, peer, monkeypatch: pytest.MonkeyPatch, stage: str
):
    monkeypatch.setattr(store, "LEASE", 5)
    monkeypatch.setattr(store, "_YOUNG", 0)
    monkeypatch.setattr(remote, "_TO_SETTLE", 3)
    over = threading.Event()
    room = PostRoom(tmp_path / "room")
    room.names.hosts["slow.example"] = ("192.0.2.1",)
    name = room.accept(BODY, "x@slow.example")
    with peer(**{stage: lambda _: over.wait(60)}) as first, peer(greeting=lambda _: over.wait(60)) as second:

        class World:
            def send(self, shipment: Shipment):
                return send(first, second, reply=3600, seconds=shipment.seconds)

        room.peers = World()
        pipeline, going = room.pipeline()
        pipeline.round()
        going.drain()
        (waiting,) = room.queue.list()
        assert (waiting.id, waiting.recipients[0].attempts) == (name, 1)
        assert "it takes too long" in waiting.recipients[0].last_reply
        assert len(first.messages) + len(second.messages) <= 1
        over.set()
    room.close()


# -- liars


@pytest.mark.parametrize("stage", ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "end"])
@pytest.mark.parametrize(
    "lie", [b"HTTP/1.1 400 Bad Request\r\n", b"999 ok\r\n", b"\x00\xff\r\n", b"25\r\n", b"250\x00ok\r"]
)
def test_what_is_no_reply_is_believed_by_nobody(send: Send, peer, stage: str, lie: bytes):
    def tell(guest: Guest) -> None:
        guest.say(lie)
        guest.close()

    with peer(**{stage: tell}) as mx:
        assert statuses(send(mx)) == [Status.WAITING]


def test_a_server_that_takes_a_message_it_did_not_ask_for_has_none(send: Send, peer):
    with peer(DATA="250 2.0.0 taken, thank you") as mx:
        assert statuses(send(mx)) == [Status.WAITING]
        assert mx.messages == []


@pytest.mark.parametrize("stage", ["greeting", "EHLO", "RCPT", "end"])
@pytest.mark.parametrize("flood", [b"250-more\r\n" * 100_000, b"250 " + b"x" * 1_000_000], ids=["lines", "line"])
def test_an_answer_without_end_costs_neither_time_nor_memory(send: Send, peer, stage: str, flood: bytes):
    sent: list[int] = []

    def pour(guest: Guest) -> None:
        for number in range(10):
            sent.append(number)
            guest.say(flood)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with peer(**{stage: pour}) as mx:
        assert statuses(send(mx)) == [Status.WAITING]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10  # KiB
    assert len(sent) < 10, "the connection should have been closed on it"


def test_after_all_this_mail_goes_on(send: Send, peer):
    with peer(EHLO=HELLO) as mx:
        assert statuses(send(mx)) == [Status.DELIVERED]
