"""Forwarded mail leaves under an address of ours, and what comes back by it finds its sender, and only that."""

import re

import pytest

from odcore import clock
from odcore.errors import Fault, Kind
from odmail.delivery.ports import Outcome
from odmail.delivery.settings import DeliverySettings
from odmail.delivery.srs import Rewriter
from odmail.queue.model import Envelope, Origin, Recipient, Status
from odtest.filters import activate
from odtest.postroom import BIBHU, MX, SASMITA, PostRoom, Town

LETTER = b"From: a@peer.example\r\nTo: all\r\nSubject: hello\r\n\r\nbody\r\n"
CAME_BY = "away@odisha.example"


@pytest.fixture
def rewriter(tmp_path):
    return Rewriter(tmp_path / "srs", Town())


@pytest.fixture
def room(tmp_path):
    made = PostRoom(tmp_path, DeliverySettings(least_free=0, forward_to=("nic.example",)))
    for name in ("peer.example", "other.example", "nic.example"):
        made.names.hosts[name] = ("192.0.2.9",)
    made.town.aliases[CAME_BY] = ("b@other.example",)
    yield made
    made.close()


def refused(rewriter: Rewriter, address: str) -> bool:
    try:
        return not rewriter.reverse(address)
    except Fault as fault:
        return fault.kind is Kind.NOT_FOUND


@pytest.mark.parametrize(
    "sender", ["a@peer.example", "a+b=c@peer.example", "ସସ୍ମିତା@ଓଡ଼ିଶା.ଭାରତ", "SRS0=x@peer.example", "O'Neil@Peer.Example"]
)
def test_there_and_back_in_any_case_and_after_a_restart(rewriter, tmp_path, sender):
    made = rewriter.forward(sender, CAME_BY)
    assert re.fullmatch(r"SRS[01]=[A-Z2-7]{6}=.+@odisha\.example", made)
    again = Rewriter(tmp_path / "srs", Town())
    assert again.reverse(made).lower() == sender.lower()
    if sender.isascii():
        assert again.reverse(made.upper().replace("ODISHA.EXAMPLE", "odisha.example")).lower() == sender.lower()


def test_ours_nobody_and_what_would_not_fit_stay_as_they_are(rewriter):
    for sender in ("", BIBHU.address, f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.example", '"a b"@peer.example'):
        assert rewriter.forward(sender, CAME_BY) == sender


def test_an_address_of_another_forwarder_is_not_nested(rewriter):
    first = "SRS0=HHH=TT=origin.example=a@one.example"
    second = rewriter.forward(first, CAME_BY)
    assert second.startswith("SRS1=")
    assert rewriter.reverse(second) == first
    third = f"{second.rpartition('@')[0]}@two.example"  # as two.example would have made it
    fourth = rewriter.forward(third, CAME_BY)
    assert len(fourth) == len(second)
    assert rewriter.reverse(fourth) == first


@pytest.mark.parametrize("position", range(5, 36))
def test_no_letter_of_it_can_be_changed(rewriter, position):
    """Not even the day or the domain: the other half of the relays that SRS once opened."""
    made = rewriter.forward("somebody@peer.example", CAME_BY)
    letter = made[position]
    if letter in "=.@":
        return
    changed = made[:position] + ("B" if letter.upper() != "B" else "C") + made[position + 1 :]
    assert changed.endswith("@odisha.example")
    assert refused(rewriter, changed)


def test_another_secret_or_three_weeks_end_it(rewriter, tmp_path, monkeypatch):
    made = rewriter.forward("a@peer.example", CAME_BY)
    assert refused(Rewriter(tmp_path / "other", Town()), made)
    start = clock.timestamp()
    monkeypatch.setattr(clock, "timestamp", lambda: start + 21 * 86400)
    assert rewriter.reverse(made) == "a@peer.example"
    monkeypatch.setattr(clock, "timestamp", lambda: start + 22 * 86400)
    assert refused(rewriter, made)


def test_an_old_secret_holds_while_its_line_stands(rewriter, tmp_path):
    made = rewriter.forward("a@peer.example", CAME_BY)
    path = tmp_path / "srs"
    path.write_text(f"another\n{path.read_text()}")
    fresh = Rewriter(path, Town())
    assert fresh.reverse(made) == "a@peer.example"
    assert fresh.forward("a@peer.example", CAME_BY) != made
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "local", ["SRS0=", "SRS0=A=B=C", "SRS1=A=B", "srs0+x+y", "SRS0=AAAAAA=!!=x.example=a", "SRS2=A"]
)
def test_what_only_looks_like_one_is_nobody(rewriter, local):
    assert refused(rewriter, f"{local}@odisha.example")


def go(room: PostRoom, sender: str, *recipients: str) -> None:
    """By the MX, as a stranger would."""
    for recipient in recipients:
        room.mx.recipient(recipient, None)
    inbound = room.mx.receive(Envelope(sender, tuple(map(Recipient, recipients))), MX, None)
    inbound.write(LETTER)
    inbound.finish()
    room.work()


def test_a_forwarded_message_passes_spf_and_its_bounce_reaches_the_sender_once(room):
    go(room, "a@peer.example", CAME_BY)
    ((shipment, octets),) = room.peers.got
    sender = shipment.envelope.sender
    assert sender.endswith("=peer.example=a@odisha.example")
    assert b"From: a@peer.example" in octets
    go(room, "", sender)
    assert [recipient.address for recipient in room.peers.got[1][0].envelope.recipients] == ["a@peer.example"]
    assert room.peers.got[1][0].envelope.sender == ""
    room.peers.answer = lambda address: Outcome(Status.FAILED, 550, "5.1.1", "no")
    go(room, "", sender)
    assert len(room.peers.got) == 3  # nobody is told that a report could not be delivered
    assert room.queue.list() == []


def test_no_mail_of_anybody_goes_out_by_such_an_address(room):
    go(room, "a@peer.example", CAME_BY)
    sender = room.peers.got[0][0].envelope.sender
    with pytest.raises(Fault, match="reports only"):
        go(room, "evil@peer.example", sender)
    with pytest.raises(Fault) as fault:
        room.mx.recipient(sender.replace("=a@", "=b@"), None)
    assert fault.value.kind is Kind.NOT_FOUND
    assert len(room.peers.got) == 1


def test_a_circle_of_two_forwarders_ends(room):
    """The other one rewrites, too, and sends it back to the address it came by (A16)."""
    go(room, "a@peer.example", CAME_BY)
    shipment, octets = room.peers.got[0]
    room.accept(
        octets, CAME_BY, sender="SRS1=X=odisha.example==" + shipment.envelope.sender[5:].replace("@odisha", "@other")
    )
    room.work()
    to = [(shipment.envelope.sender, shipment.envelope.recipients[0].address) for shipment, _ in room.peers.got[1:]]
    assert [sender for sender, _ in to] == [""]  # a report, and no more mail for b@other.example


def test_our_own_mail_keeps_its_sender(room):
    room.accept(LETTER, "x@other.example", sender=SASMITA.address, origin=Origin("submission"))
    room.work()
    assert room.peers.got[0][0].envelope.sender == SASMITA.address


def test_a_filter_may_redirect_to_the_governments_other_servers_and_no_further(room):
    activate(room, 'redirect "x@nic.example";')
    go(room, "a@peer.example", SASMITA.address)
    ((shipment, _),) = room.peers.got
    assert (shipment.envelope.recipients[0].address, shipment.envelope.sender[:4]) == ("x@nic.example", "SRS0")
    activate(room, 'redirect "x@other.example";')
    go(room, "a@peer.example", SASMITA.address)
    assert len(room.peers.got) == 1


@pytest.mark.parametrize(("senders", "reached"), [("anybody", 1), ("inside", 0), ("members", 0)])
def test_a_redirect_does_not_reach_lists_that_strangers_may_not_write_to(room, senders, reached):
    room.town.aliases["staff@odisha.example"] = (BIBHU.address, SASMITA.address)
    room.town.owners["staff@odisha.example"] = SASMITA.address
    room.town.senders["staff@odisha.example"] = senders
    activate(room, 'redirect "staff@odisha.example";')
    go(room, "a@peer.example", SASMITA.address)
    assert len(room.messages(BIBHU)) == reached


@pytest.mark.parametrize(
    ("leads_to", "leaves"),
    [
        (("x@other.example",), False),
        ((BIBHU.address, "x@other.example"), False),
        (("x@nic.example",), True),
        ((SASMITA.address, BIBHU.address), False),
    ],
)
def test_a_redirect_does_not_leave_the_house_by_an_address_of_ours(room, leads_to, leaves):
    room.town.aliases["office@odisha.example"] = leads_to
    activate(room, 'redirect "office@odisha.example";')
    go(room, "a@peer.example", SASMITA.address)
    assert bool(room.peers.got) == leaves


def test_a_redirect_does_not_leave_the_house_by_the_way_of_reports(room):
    """An address that stands for a sender outside takes reports only, and a report may be redirected, too."""
    go(room, "a@peer.example", CAME_BY)
    ((shipment, _),) = room.peers.got
    activate(room, f'redirect "{shipment.envelope.sender}";')
    for sender in ("b@peer.example", ""):
        go(room, sender, SASMITA.address)
    assert len(room.peers.got) == 1
