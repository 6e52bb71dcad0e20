"""DKIM: both algorithms verify, nothing can be added afterwards, no line costs more than its length (A13)."""

import stat
import time

import dkim
import pytest

from odcore.errors import Fault, Kind
from odmail.trust.dkim_keys import Keys
from odmail.trust.dkim_sign import Signer

MESSAGE = (
    b"From: Sasmita <sasmita.nayak@odisha.example>\r\nTo: x@peer.example\r\n"
    b"Subject: =?utf-8?b?4Kyu?=  two\r\n\tfolded\r\n"
    b"Date: Mon, 23 Nov 2026 22:00:00 +0000\r\nMessage-ID: <1@odisha.example>\r\nReceived: by x\r\n"
    b"\r\nbody \t x\r\n\r\n\r\n"
)


@pytest.fixture
def keys(tmp_path):
    made = Keys(tmp_path)
    made.generate("odisha.example")
    return made


def verifies(keys: Keys, message: bytes, number: int) -> bool:
    records = {key.record_name + ".": key.record.encode() for key in keys.of("odisha.example")}

    def answer(name, timeout=5):
        return records.get(name.decode() if isinstance(name, bytes) else name)

    try:
        return dkim.DKIM(message).verify(idx=number, dnsfunc=answer)
    except dkim.ValidationError:
        return False


def test_each_algorithm_signs_and_both_verify(keys):
    signed = Signer(keys).sign("odisha.example", MESSAGE) + MESSAGE
    fields = signed.split(b"DKIM-Signature:")[1:3]
    assert sorted(b"a=ed25519-sha256" in field for field in fields) == [False, True]
    assert verifies(keys, signed, 0)
    assert verifies(keys, signed, 1)
    assert b"l=" not in b"".join(fields).replace(b"=\r\n", b"").split(b"bh=")[0]


@pytest.mark.parametrize(
    "field",
    [
        b"From: boss@bank.example",
        b"Subject: other",
        b"To: y@z",
        b"Cc: y@z",
        b"Reply-To: y@z",
        b"Content-Type: text/html",
    ],
)
def test_a_field_added_afterwards_breaks_both_signatures(keys, field):
    signed = Signer(keys).sign("odisha.example", MESSAGE) + field + b"\r\n" + MESSAGE
    assert not verifies(keys, signed, 0)
    assert not verifies(keys, signed, 1)


def test_a_line_added_to_the_body_breaks_them(keys):
    signed = Signer(keys).sign("odisha.example", MESSAGE) + MESSAGE + b"PS\r\n"
    assert not verifies(keys, signed, 0)


def test_a_trace_field_in_front_does_not_break_them(keys):
    signed = b"Received: from here\r\n" + Signer(keys).sign("odisha.example", MESSAGE) + MESSAGE
    assert verifies(keys, signed, 0)


@pytest.mark.parametrize(
    "message",
    [
        MESSAGE.partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
        MESSAGE.partition(b"\r\n\r\n")[0] + b"\r\n",
        MESSAGE + b"\r\n" * 70_000,
        MESSAGE.replace(b"\r\n\r\nbody", b"\r\nReferences: " + b"<x@y>\r\n " * 900 + b"\r\n\r\n.body"),
        MESSAGE.replace(b"To: x", b"To:\t a@b,\r\n \t c@d\r\nto: x"),
        MESSAGE.replace(b"two", "ଓଡ଼ିଶା \t ".encode()),
        MESSAGE.replace(b"body \t x", b"x" * 65_000 + b"\r\n \t\r\n"),
    ],
    ids=["no body", "no empty line", "empty lines", "long field", "two fields", "utf-8", "long line"],
)
def test_whatever_may_leave_verifies_and_its_signature_has_short_lines(keys, message):
    field = Signer(keys).sign("odisha.example", message)
    assert verifies(keys, field + message, 0)
    assert verifies(keys, field + message, 1)
    assert max(map(len, field.splitlines())) < 80


def test_without_a_key_nothing_is_signed(keys):
    assert Signer(keys).sign("other.example", MESSAGE) == b""
    assert not Signer(keys).signs_for("other.example")
    assert not Signer(keys).signs_for("")


def test_the_newest_selector_signs_and_the_old_one_can_still_be_published(keys):
    keys.generate("odisha.example", "od2099")
    assert {key.selector for key in keys.signing("odisha.example")} == {"od2099r", "od2099e"}
    assert len(keys.of("odisha.example")) == 4


def test_a_selector_is_not_overwritten(keys):
    keys.generate("odisha.example", "twice")
    with pytest.raises(Fault) as fault:
        keys.generate("odisha.example", "twice")
    assert fault.value.kind is Kind.EXISTS


def test_keys_are_private_in_the_file_system_and_in_print(keys, tmp_path):
    for path in tmp_path.rglob("*.pem"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for key in keys.of("odisha.example"):
        assert key.secret.decode().splitlines()[1][:30] not in repr(key)


def test_white_space_without_end_takes_linear_time(keys):
    signer = Signer(keys)

    def seconds(size: int) -> float:
        begun = time.perf_counter()
        assert signer.sign("odisha.example", MESSAGE + (b" " * 60_000 + b"x\r\n") * size)
        return time.perf_counter() - begun

    seconds(1)
    assert seconds(16) < 1.0


def test_a_line_nobody_should_send_is_not_signed(keys):
    assert Signer(keys).sign("odisha.example", MESSAGE + b" " * 70_000) == b""
