"""Whatever a message, a record or a key holds: the checks end in a verdict or a Fault, and never in anything else."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odcore.errors import Fault
from odmail.filter.attachment.budget import Budget
from odmail.filter.attachment.walk import START, walk
from odmail.queue.model import Envelope, Origin, Recipient
from odmail.trust import arc_verify, author, dkim_key, dkim_verify, dmarc_policy, results, spf
from odmail.trust.dkim_verify import Signed
from odtest.postroom import SASMITA, PostRoom
from odtest.zone import Zone

WORDS = st.sampled_from(
    [
        b"v=1;",
        b"a=rsa-sha256;",
        b"d=peer.example;",
        b"s=s;",
        b"h=from;",
        b"bh=;",
        b"b=",
        b"=",
        b";",
        b"i=1;",
        b"cv=none;",
        b"l=5;",
        b"x=1;",
        b"t=;",
        b"c=relaxed/simple;",
        b"DKIM-Signature:",
        b"ARC-Seal:",
        b"ARC-Message-Signature:",
        b"ARC-Authentication-Results:",
        b"Authentication-Results:",
        b"From:",
        b"Content-Type: multipart/mixed; boundary=b",
        b"Content-Disposition: attachment; filename=",
        b'"x.exe"',
        b"a@peer.example",
        b"<",
        b">",
        b",",
        b"(",
        b"\r\n",
        b"\r\n ",
        b"\r\n\r\n",
        b"--b\r\n",
        b"--b--",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"Rar!\x1a\x07\x00",
        b"7z\xbc\xaf\x27\x1c",
        b"\x1f\x8b\x08",
        b"\xff",
        b"\0",
        "ଓ".encode(),
        b"%",
        b"X-Spam-Flag: YES",
        b"odisha.example",
    ]
)
OCTETS = st.lists(WORDS | st.binary(max_size=6), max_size=60).map(b"".join)
TEXTS = st.lists(
    st.sampled_from(
        [
            "v=spf1",
            " ",
            "a",
            "mx",
            "ptr",
            "include:",
            "exists:",
            "redirect=",
            "exp=",
            "ip4:",
            "ip6:",
            "1.2.3.4",
            "::1",
            "/",
            "//",
            "33",
            "%",
            "%{",
            "}",
            "%{i}",
            "%{d2r}",
            "%{p}",
            "%{l-+}",
            "all",
            "-",
            "~",
            "?",
            ":",
            ".",
            "peer.example",
            "v=DMARC1;",
            "p=reject;",
            "v=DKIM1;",
            "k=rsa;",
            "p=",
            "AAAA",
            "sp=",
            "psd=y;",
            "t=y;",
            "rua=mailto:x",
        ]
    )
    | st.text(max_size=4),
    max_size=20,
).map("".join)


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    made = PostRoom(tmp_path_factory.mktemp("room"))
    yield made
    made.close()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(OCTETS, OCTETS, TEXTS)
def test_any_message_gets_an_answer(room, header, body, text):
    names = Zone(
        {(name, "TXT"): [text] for name in ("peer.example", "s._domainkey.peer.example", "_dmarc.peer.example")}
    )
    origin = Origin("mx", address="192.0.2.7", helo="mx.peer.example", session="s1")
    inbound = room.checked(names).receive(Envelope("a@peer.example", (Recipient(SASMITA.address),)), origin, None)
    try:
        inbound.write(header + b"\r\n\r\n" + body + b"\r\n")
        inbound.finish()
    except Fault:
        inbound.discard()


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS, st.sampled_from(["192.0.2.7", "2001:db8::1", "::ffff:192.0.2.7"]))
def test_any_spf_record_gets_a_result(one, other, client):
    names = Zone(
        {
            ("peer.example", "TXT"): [one],
            ("example", "TXT"): [other],
            ("peer.example", "A"): ["192.0.2.7"],
            ("peer.example", "MX"): [(10, "peer.example")],
            ("7.2.0.192.in-addr.arpa", "PTR"): ["peer.example"],
        }
    )
    found = spf.check(spf.Asked(client, "a@peer.example", "peer.example"), names)
    assert found.result in ("none", "neutral", "pass", "fail", "softfail", "temperror", "permerror")
    assert len(names.asked) < 150


@settings(max_examples=200, deadline=None)
@given(OCTETS, TEXTS)
def test_signatures_chains_authors_keys_and_policies_are_read_or_not(block, text):
    signed = Signed.from_message(block, memoryview(b"body\r\n"))
    names = Zone({("s._domainkey.peer.example", "TXT"): [text]})
    for each in dkim_verify.verify(signed, names, 1_764_000_000):
        assert each.result != "pass"
    assert arc_verify.verify(signed, names).result in ("none", "fail")
    found = author.read(block)
    assert bool(found.domain) != bool(found.problem)
    assert len(results.without_forged(block, "mail.odisha.example", (b"x-spam-",))) <= len(block)
    dmarc_policy.read("peer.example", text.encode())
    with suppress(dkim_key.Unusable):
        dkim_key.read(text.encode())


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=12),
    st.sampled_from(
        [
            b"",
            b"PK\x03\x04",
            b"Rar!\x1a\x07\x00",
            b"Rar!\x1a\x07\x01\x00",
            b"7z\xbc\xaf\x27\x1c",
            b"\x1f\x8b\x08",
            b"BZh",
            b"\xfd7zXZ\x00",
            b"\x78\x9f\x3e\x22",
        ]
    ),
    st.binary(max_size=400),
)
def test_any_octets_are_looked_into(name, magic, rest):
    octets = magic + rest
    for found in walk(name, octets[:START], lambda: octets, Budget()):
        assert found.kind
