"""DKIM: the RFCs' and dkimpy's own examples verify; what is altered, revoked, weak, expired or open does not (A13)."""

import base64
import hashlib
import time

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from odmail.trust import canonical, dkim_key, dkim_verify
from odmail.trust.dkim_keys import Keys
from odmail.trust.dkim_sign import Signer
from odmail.trust.dkim_verify import Signed, verify
from odtest.zone import TIMEOUT, Zone

# RFC 8463 A.2, A.3
ED25519 = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
RSA = (
    "v=DKIM1; k=rsa; "
    "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx"
    "/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
)
LETTER = """\
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
"""
RFC8463 = (
    """\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
"""
    + LETTER
)
# dkimpy 1.1.8, dkim/tests/data/rfc6376.signed.msg: the same letter, simple/simple
SIMPLE = (
    """\
DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple;\x20
 d=football.example.com; i=@football.example.com;\x20
 q=dns/txt; s=brisbane; t=1518460054; h=from : to :\x20
 subject : date : message-id : from : subject : date;\x20
 bh=4bLNXImK9drULnmePzZNEBleUanJCX5PIsDIFoH4KTQ=;\x20
 b=9/dsDChY0YMTtD5Eyw3wx7x22BlSJP7M5ECbJ7GWrR45nXlTCGb8l0YB
 o0wBLR++X5LqmsxXaOYLLJe46l10AQ==
DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple;\x20
 d=football.example.com; i=@football.example.com;\x20
 q=dns/txt; s=test; t=1527915362; h=from : to : subject :\x20
 date : message-id : from : subject : date;\x20
 bh=4bLNXImK9drULnmePzZNEBleUanJCX5PIsDIFoH4KTQ=;\x20
 b=icKcLSEZYXJ95flvWE8FT6hl5iqd8MC/LEKYH0QjsqYy6MO/4pgVNCZH
 l/RAXAuADxE/40Fg7uTlxwwD1hjN2Ple6J//cJfslBdDOq6zTVbne1dqtl
 NOat7iamJ1AfRqyG+ja7a2AZsrpUuJ7VA6O+0zRYPqpwMEkEFIzI9i/Xk=
"""
    + LETTER
)
NOW = 1_764_000_000
FOOTBALL = Zone(
    {
        ("brisbane._domainkey.football.example.com", "TXT"): [ED25519],
        ("test._domainkey.football.example.com", "TXT"): [RSA],
    }
)


def signed(text: str | bytes) -> Signed:
    octets = text.replace("\n", "\r\n").encode() if isinstance(text, str) else text
    block, _, body = octets.partition(b"\r\n\r\n")
    return Signed.from_message(block + b"\r\n", memoryview(body))


def results(message: str | bytes, zone: Zone = FOOTBALL, now: int = NOW) -> list[str]:
    return [each.result for each in verify(signed(message), zone, now)]


@pytest.mark.parametrize("message", [RFC8463, SIMPLE], ids=["rfc8463", "dkimpy"])
def test_published_examples_verify_with_both_algorithms(message):
    answers = verify(signed(message), FOOTBALL, NOW)
    assert [(each.result, each.algorithm) for each in answers] == [("pass", "ed25519-sha256"), ("pass", "rsa-sha256")]
    assert {each.domain for each in answers} == {"football.example.com"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("dinner", "lunch"),
        ("Joe SixPack", "Joe Six Pack"),
        ("We lost", "We won"),
        ("To: Suzie", "To: Susie"),
        ("From: Joe", "From: boss@bank.example\nFrom: Joe"),
        ("Subject: Is", "Subject: Pay\nSubject: Is"),
        ("Joe.\n", "Joe.\nP.S. pay\n"),
    ],
)
def test_what_was_signed_cannot_be_altered_nor_added_to(old, new):
    assert results(RFC8463.replace(old, new)) == ["fail", "fail"]


def test_relaxed_forms_survive_what_relays_do():
    wrapped = RFC8463.replace("Subject: Is dinner", "SUBJECT:   Is\n\tdinner").replace("game.  Are", "game. \t Are")
    assert results(wrapped + "\n\n") == ["pass", "pass"]


def test_keys_decide():
    def with_keys(*texts: str) -> str:
        return results(RFC8463, Zone({("brisbane._domainkey.football.example.com", "TXT"): list(texts)}))[0]

    assert with_keys(ED25519.replace("p=11", "p=21")) in ("fail", "permerror")
    assert with_keys("v=DKIM1; k=ed25519; p=") == "fail"
    assert with_keys(ED25519.replace("k=ed25519", "k=rsa")) == "permerror"
    assert with_keys(ED25519 + "; h=sha1") == "permerror"
    assert with_keys(ED25519 + "; s=tlsrpt") == "permerror"
    assert with_keys(ED25519 + "; t=y") == "pass"
    assert with_keys("v=DKIM2; " + ED25519[9:]) == "permerror"
    assert with_keys("k=ed25519; v=DKIM1; p=x") == "permerror"
    assert with_keys("p=!!!") == "permerror"
    assert with_keys(ED25519 + "; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=") == "permerror"
    assert with_keys("junk", ED25519) == "pass"
    assert with_keys(TIMEOUT) == "temperror"
    assert with_keys() == "permerror"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("v=1; ", "", "permerror"),
        ("v=1; ", "v=2; ", "permerror"),
        ("v=1; ", "v=1; v=1; ", "permerror"),
        ("a=ed25519-sha256", "a=rsa-sha1", "policy"),
        ("a=ed25519-sha256", "a=none", "permerror"),
        ("i=@football.example.com", "i=@football.example.net", "permerror"),
        ("i=@football.example.com", "i=joe@soccer.football.example.com", "fail"),
        ("t=1528637909", "t=1528637909; x=1528637910", "fail"),
        ("t=1528637909", "t=1528637909; x=1528637900", "permerror"),
        ("t=1528637909", "t=later", "permerror"),
        ("q=dns/txt", "q=http", "permerror"),
        ("h=from : to :\n subject", "h=to : subject", "permerror"),
        ("c=relaxed/relaxed", "c=plain", "permerror"),
        ("d=football.example.com", "d=football..example.com", "permerror"),
        ("bh=2j", "bh=*", "permerror"),
    ],
)
def test_tags_are_read_as_the_rfc_has_them(old, new, expected):
    head, rest = RFC8463.split("DKIM-Signature", 2)[1:]
    assert (
        results(
            "DKIM-Signature" + head.replace(old, new).replace(": from : subject : date;", ";") + "DKIM-Signature" + rest
        )[0]
        == expected
    )


def make(zone: Zone, body: bytes = b"Hello.\r\n", bits: int = 1024, **options: object) -> bytes:
    """A letter signed by dkimpy with a fresh RSA key that `zone` publishes."""

    private = generate_private_key(65537, bits)
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    zone.add("s._domainkey.a.example", "TXT", "p=" + base64.b64encode(public).decode())
    message = b"From: x@a.example\r\nSubject: hello\r\n\r\n" + body
    secret = private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return dkim.sign(message, b"s", b"a.example", secret, **options) + message


def test_a_signature_over_part_of_the_body_vouches_for_nobody():
    zone = Zone()
    message = make(zone, length=True)
    assert results(message, zone) == ["policy"]
    assert results(message + b"appended\r\n", zone) == ["policy"]


def test_keys_too_short_or_too_long_do_not_count():
    zone = Zone()
    assert results(make(zone, bits=1024), zone) == ["pass"]
    for bits in (512, 8192):
        number = RSAPublicNumbers(65537, (1 << bits - 1) + 1).public_key()
        octets = number.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        with pytest.raises(dkim_key.Unusable) as caught:
            dkim_key.read(b"p=" + base64.b64encode(octets))
        assert caught.value.result in ("policy", "permerror")


def test_a_bare_rsa_key_is_read_as_well():

    octets = generate_private_key(65537, 1024).public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    assert dkim_key.read(b"p=" + base64.b64encode(octets)).kind == "rsa"


def test_of_a_thousand_signatures_five_are_looked_at():
    zone = Zone()
    field = "DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s{}; h=from; bh=x; b=x\n"
    answers = verify(signed("".join(map(field.format, range(1000))) + LETTER), zone, NOW)
    assert len(answers) == 5
    assert len(zone.asked) == 5


def test_what_our_signer_signs_our_verifier_accepts(tmp_path):
    keys = Keys(tmp_path)
    keys.generate("odisha.example")
    zone = Zone({(key.record_name, "TXT"): [key.record] for key in keys.of("odisha.example")})
    message = LETTER.replace("football.example.com", "odisha.example").replace("\n", "\r\n").encode()
    assert results(Signer(keys).sign("odisha.example", message) + message, zone) == ["pass", "pass"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"a", b"=", "ଓ".encode()]), max_size=60).map(b"".join),
    st.booleans(),
    st.integers(1, 7),
)
def test_bodies_come_out_as_dkimpy_has_them_however_they_are_cut(body, relaxed, size):
    from dkim.canonicalization import Relaxed, Simple

    ended = body if body.endswith(b"\r\n") or not body else body + b"\r\n"
    expected = hashlib.sha256((Relaxed if relaxed else Simple).canonicalize_body(ended)).digest()
    made = canonical.Body(hashlib.sha256(), relaxed=relaxed)
    for offset in range(0, len(body), size):
        made.feed(body[offset : offset + size])
    assert made.finish() == expected


def test_white_space_costs_no_more_than_its_length():
    def seconds(count: int) -> float:
        message = signed("From: a@b\n\n" + (" " * 60000 + "x\n") * count)
        begun = time.process_time()
        dkim_verify.Signed.body_digest(message, relaxed=True)
        return time.process_time() - begun

    seconds(4)
    assert seconds(64) < 40 * max(seconds(4), 0.001)
    assert seconds(64) < 2.0
