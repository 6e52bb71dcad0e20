"""Where a domain says how its servers are known, others get no mail: not in clear, and not a single octet."""

import subprocess
from pathlib import Path

import pytest

from odcore.net.dns import Tlsa
from odmail.delivery.ports import Security
from odmail.queue.model import Status
from odtest import chain as chains
from odtest.daemon import free_port
from odtest.outgoing import STUFFED, Send, statuses
from odtest.peer import STARTTLS, Peer

RIGHT = [(3, 1, 1, 0), (3, 0, 2, 0), (3, 1, 0, 0), (2, 0, 1, 1), (2, 1, 2, 1)]


@pytest.fixture
def own(tmp_path: Path):
    """The chain that `peer` shows."""
    return chains.made(tmp_path / "tls")


@pytest.fixture
def strange(tmp_path: Path):
    return chains.made(tmp_path / "strange")


@pytest.mark.parametrize(("usage", "selector", "matching", "place"), RIGHT)
def test_dane_the_server_with_the_right_certificate_gets_the_mail(
    send: Send, peer, own, usage, selector, matching, place
):
    with peer(EHLO=STARTTLS) as mx:
        [outcome] = send(mx, security=Security.DANE, tlsa=(chains.tlsa(usage, selector, matching, own[place]),))
        assert outcome.status is Status.DELIVERED
        assert outcome.tls
        assert mx.messages == [STUFFED]


@pytest.mark.parametrize(("usage", "selector", "matching", "place"), RIGHT)
def test_dane_a_server_with_another_certificate_gets_nothing(
    send: Send, peer, strange, usage, selector, matching, place
):
    with peer(EHLO=STARTTLS) as mx:
        [outcome] = send(mx, security=Security.DANE, tlsa=(chains.tlsa(usage, selector, matching, strange[place]),))
        assert (outcome.status, outcome.enhanced) == (Status.WAITING, "4.7.5")
        assert "TLSA" in outcome.text
        assert mx.told() == [["EHLO", "STARTTLS"]], (
            "nothing may be said after the handshake, nor by a second connection"
        )
        assert mx.messages == []


def test_dane_a_certificate_for_another_name_counts_if_the_record_asks_for_it(send: Send, peer, tmp_path):
    other = chains.made(tmp_path / "other", "other.example")
    with peer(EHLO=STARTTLS) as mx:
        mx.tls.load_cert_chain(tmp_path / "other" / "server.pem", tmp_path / "other" / "server.key")
        assert statuses(send(mx, security=Security.DANE, tlsa=(chains.tlsa(3, 1, 1, other[0]),))) == [Status.DELIVERED]
        [outcome] = send(mx, security=Security.DANE, tlsa=(chains.tlsa(2, 0, 1, other[1]),))
        assert outcome.status is Status.WAITING
        assert len(mx.messages) == 1


@pytest.mark.parametrize("security", [Security.DANE, Security.ENCRYPTED, Security.REQUIRED])
def test_a_server_that_offers_no_tls_gets_nothing(send: Send, peer, own, security):
    with peer() as mx:
        [outcome] = send(mx, security=security, tlsa=(chains.tlsa(3, 1, 1, own[0]),))
        assert (outcome.status, outcome.enhanced) == (Status.WAITING, "4.7.4")
        assert mx.messages == []


@pytest.mark.parametrize("security", [Security.DANE, Security.ENCRYPTED, Security.REQUIRED])
def test_a_handshake_that_fails_is_no_reason_to_go_in_clear(send: Send, peer, own, security):
    with peer(EHLO=STARTTLS, STARTTLS=lambda guest: guest.say(b"220 go\r\n" + b"\0" * 100)) as mx:
        [outcome] = send(mx, security=security, tlsa=(chains.tlsa(3, 1, 1, own[0]),))
        assert outcome.status is Status.WAITING
        assert len(mx.guests) == 1
        assert mx.messages == []


def test_where_any_certificate_will_do_it_does(send: Send, peer, tmp_path):
    chains.made(tmp_path / "other", "other.example")
    with peer(EHLO=STARTTLS) as mx:
        mx.tls.load_cert_chain(tmp_path / "other" / "server.pem", tmp_path / "other" / "server.key")
        [outcome] = send(mx, security=Security.ENCRYPTED)
        assert (outcome.status, bool(outcome.tls)) == (Status.DELIVERED, True)


def test_sts_a_certificate_for_another_name_gets_nothing_though_the_authority_is_believed(send: Send, peer, tmp_path):
    with peer(EHLO=STARTTLS) as mx:
        chains.issue(tmp_path / "tls", "other.example")
        mx.tls.load_cert_chain(tmp_path / "tls" / "server.pem", tmp_path / "tls" / "server.key")
        [outcome] = send(mx, security=Security.REQUIRED)
        assert (outcome.status, outcome.enhanced) == (Status.WAITING, "4.7.5")
        assert mx.told() == [["EHLO", "STARTTLS"]]
        assert mx.messages == []


OFFERED = STARTTLS.replace("250-STARTTLS", "250-STARTTLS\r\n250-REQUIRETLS")


def test_requiretls_is_asked_of_a_server_that_offers_it(send: Send, peer):
    with peer(EHLO=OFFERED) as mx:
        assert statuses(send(mx, security=Security.REQUIRED, requiretls=True)) == [Status.DELIVERED]
        [mail] = [line for line in mx.guests[0].told if line.startswith("MAIL")]
        assert mail.endswith(" REQUIRETLS")
        assert statuses(send(mx, security=Security.REQUIRED)) == [Status.DELIVERED]
        assert "REQUIRETLS" not in str(mx.guests[1].told)


def test_requiretls_a_server_without_it_gets_nothing_and_that_is_final(send: Send, peer):
    with peer(EHLO=STARTTLS) as mx:
        [outcome] = send(mx, security=Security.REQUIRED, requiretls=True)
        assert (outcome.status, outcome.enhanced) == (Status.FAILED, "5.7.30")
        assert mx.told() == [["EHLO", "STARTTLS", "EHLO"]]
        assert mx.messages == []


def test_requiretls_is_tried_at_the_next_host_and_later_at_one_that_is_away(send: Send, peer):
    with peer(EHLO=STARTTLS) as without, peer(EHLO=OFFERED) as mx:
        assert statuses(send(without, mx, security=Security.REQUIRED, requiretls=True)) == [Status.DELIVERED]
        for hosts in ((without, free_port()), (free_port(), without)):
            assert statuses(send(*hosts, security=Security.REQUIRED, requiretls=True)) == [Status.WAITING]


def test_the_next_host_gets_what_the_first_may_not_have(send: Send, peer, own, tmp_path):
    with peer(EHLO=STARTTLS) as mx, Peer(tmp_path / "strange", EHLO=STARTTLS) as false:
        false.authority = mx.authority
        [outcome] = send(false, mx, security=Security.DANE, tlsa=(chains.tlsa(3, 1, 1, own[0]),))
        assert outcome.status is Status.DELIVERED
        assert (false.messages, mx.messages) == ([], [STUFFED])


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize(("usage", "selector", "matching", "place"), RIGHT)
def test_openssl_is_of_the_same_opinion(send: Send, peer, own, strange, usage, selector, matching, place, right):
    record = chains.tlsa(usage, selector, matching, (own if right else strange)[place])
    with peer(EHLO=STARTTLS) as mx:
        ours = statuses(send(mx, security=Security.DANE, tlsa=(record,))) == [Status.DELIVERED]
        assert ours == right == by_openssl(mx.port, record)


def by_openssl(port: int, record: Tlsa) -> bool:
    """Does its client believe the server?"""
    text = f"{record.usage} {record.selector} {record.matching} {record.data.hex()}"
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-starttls", "smtp", "-verify_return_error"]
    dane = ["-dane_tlsa_domain", "mx.example", "-dane_tlsa_rrdata", text]
    found = subprocess.run([*command, *dane], input=b"QUIT\r\n", capture_output=True, timeout=20, check=False)
    return b"Verification: OK" in found.stdout


def test_each_session_is_told_of_for_the_reports(send: Send, peer, own, strange, tmp_path):
    """RFC 8460 4.3: what worked, what was not offered, and why a certificate would not do."""
    seen: list = []
    with peer(EHLO=STARTTLS) as mx:
        send(mx, sessions=seen)
        send(mx, security=Security.DANE, tlsa=(chains.tlsa(3, 1, 1, strange[0]),), sessions=seen)
        chains.issue(tmp_path / "tls", "other.example")
        mx.tls.load_cert_chain(tmp_path / "tls" / "server.pem", tmp_path / "tls" / "server.key")
        send(mx, security=Security.REQUIRED, sessions=seen)
    with peer() as clear:
        send(clear, sessions=seen)
        send(clear, security=Security.ENCRYPTED, sessions=seen)
    with peer(EHLO=STARTTLS, STARTTLS=lambda guest: guest.say(b"220 go\r\n" + b"\0" * 100)) as broken:
        send(broken, sessions=seen)
    assert [each.problem for each in seen] == [
        "",
        "validation-failure",
        "certificate-host-mismatch",
        "starttls-not-supported",
        "starttls-not-supported",
        "validation-failure",
    ]
