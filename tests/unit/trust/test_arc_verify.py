"""ARC: a chain made by dkimpy holds, and no link of it can be taken out, altered or added (RFC 8617)."""

import base64
import re

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from odmail.trust import arc_verify
from odmail.trust.dkim_verify import Signed
from odtest.zone import TIMEOUT, Zone

KEY = generate_private_key(65537, 2048)
SECRET = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
PUBLIC = base64.b64encode(KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
NAME = "s._domainkey.list.example"
RECORD = "v=DKIM1; k=rsa; p=" + PUBLIC
LETTER = b"From: a@peer.example\r\nTo: l@list.example\r\nSubject: hello\r\n\r\nbody\r\n"


def names(record: str = RECORD) -> Zone:
    return Zone({(NAME, "TXT"): [record]})


def sealed(message: bytes, times: int = 1) -> bytes:
    for number in range(times):
        results = b"Authentication-Results: list.example; arc=pass; dmarc=pass header.from=peer.example\r\n"
        results = results if number else results.replace(b" arc=pass;", b"")
        lines = dkim.arc_sign(results + message, b"s", b"list.example", SECRET, b"list.example")
        message = b"".join(lines) + message
    return message


def verify(message: bytes, zone: Zone | None = None) -> arc_verify.Chain:
    block, _, body = message.partition(b"\r\n\r\n")
    return arc_verify.verify(Signed.from_message(block + b"\r\n", memoryview(body)), zone or names())


CHAIN = sealed(LETTER, 3)


def test_no_set_is_no_chain():
    assert verify(LETTER).result == "none"


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_whole_chain_passes_and_tells_what_the_last_one_found(times):
    chain = verify(sealed(LETTER, times))
    assert (chain.result, chain.sealer) == ("pass", "list.example"), chain.reason
    assert "dmarc=pass" in chain.results


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Subject: hello", b"Subject: pay"),
        (b"body", b"text"),
        (b"cv=none", b"cv=pass"),
        (b"dmarc=pass", b"dmarc=fail"),
        (b"i=3", b"i=4"),
        (b"i=2", b"i=1"),
        (b"i=3", b"i=51"),
        (b"i=3", b"i=x"),
        (b"ARC-Seal: i=3", b"ARC-Seal: i=3; h=from"),
    ],
)
def test_what_a_chain_covers_cannot_be_altered(old, new):
    assert old in CHAIN
    assert verify(CHAIN.replace(old, new)).result == "fail"


@pytest.mark.parametrize("name", [b"ARC-Seal", b"ARC-Message-Signature", b"ARC-Authentication-Results"])
@pytest.mark.parametrize("instance", [b"1", b"2", b"3"])
def test_no_field_can_be_taken_out_or_doubled(name, instance):
    field = re.search(rb"%b: i=%b;.*?\r\n(?![ \t])" % (name, instance), CHAIN, re.DOTALL)
    assert field
    assert verify(CHAIN.replace(field[0], b"")).result == "fail"
    assert verify(field[0] + CHAIN).result == "fail"


def test_a_key_that_is_gone_weak_or_silent_ends_it():
    assert verify(CHAIN, Zone()).result == "fail"
    assert verify(CHAIN, names("v=DKIM1; p=")).result == "fail"
    assert verify(CHAIN, names(TIMEOUT)).result == "fail"


def test_what_came_before_another_hop_still_holds_after_it_changed_the_body():
    changed = sealed(LETTER, 1).replace(b"body", b"body, as the list has it")
    assert verify(changed).result == "fail"
