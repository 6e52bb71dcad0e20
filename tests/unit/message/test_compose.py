"""Mail the house writes itself.  RFC 5322, RFC 2047, RFC 3464"""

import email
import email.policy

import pytest

from odcore.errors import Fault
from odmail.message import compose, header
from odmail.message.parse import parse

ODIA = "ବହୁତ ଲମ୍ବା ଏକ ବିଷୟ ଯାହା ଗୋଟିଏ ଧାଡ଼ିରେ ରହିପାରିବ ନାହିଁ, ତେଣୁ ଏହା ଭଙ୍ଗା ଯାଏ"


@pytest.mark.parametrize(
    "value", ["short", "word " * 40 + "end", ODIA, "=?utf-8?q?fake?=", "", "  two", "x" * 500, "é"]
)
def test_a_field_reads_back_as_it_was_given(value):
    line = compose.field("Subject", value)
    assert header.value(line, "subject") == value.strip()
    assert all(len(part) <= 998 for part in line.split(b"\r\n"))
    assert line.count(b"\r\n ") == line.count(b"\r\n") - 1


@pytest.mark.parametrize("value", ["a\r\nBcc: x", "a\nb", "a\rb", "a\0b", "a\u2028b", "x" * 2000])
def test_values_that_would_break_a_line_are_refused(value):
    with pytest.raises(Fault):
        compose.field("Subject", value)
    with pytest.raises(Fault):
        compose.address_field("To", [(value if len(value) < 1000 else "", value)])


@pytest.mark.parametrize("name", ["", "A B", "A:", "A\r\nB", "É"])
def test_names_that_are_none_are_refused(name):
    with pytest.raises(Fault):
        compose.field(name, "x")


@pytest.mark.parametrize("display", ["", "Rama Das", "Das, Rama", 'The "Chief" \\', "ରାମ ଦାସ", "a@b"])
def test_an_address_field_reads_back_as_it_was_given(display):
    found = parse(compose.address_field("To", [(display, "a@x.example"), ("", "b@y.example")]) + b"\r\n")
    again = email.message_from_bytes(
        compose.address_field("To", [(display, "a@x.example")]) + b"\r\n", policy=email.policy.default
    )
    assert again["To"].addresses[0].display_name == display
    assert b'"a" "x.example"' in found.envelope
    assert b'"b" "y.example"' in found.envelope


def test_an_address_that_is_more_than_one_is_refused():
    with pytest.raises(Fault):
        compose.address_field("To", [("", "a,b@x.example")])


def test_texts_of_every_script_read_back():
    for words in ("plain", ODIA, "x" * 2000):
        message = email.message_from_bytes(compose.message([], compose.text_part(words)), policy=email.policy.default)
        assert message.get_content().strip().replace("\r\n", "\n") == words


def report(original: bytes, full: bool, recipient: str = "nobody@x.example") -> bytes:
    about = [("Reporting-MTA", "dns; mx.odisha.example")]
    one = [
        ("Final-Recipient", f"rfc822; {recipient}"),
        ("Action", "failed"),
        ("Status", "5.1.1"),
        ("Diagnostic-Code", "smtp; 550 no\r\nInjected: yes\0"),
    ]
    return compose.message(
        [compose.field("Subject", "Undelivered")],
        compose.delivery_report(compose.text_part("It failed.\n"), about, [one, one], original, full),
    )


def test_a_delivery_report_has_its_three_parts():
    data = report(b"Subject: x\r\n\r\nbody\r\n", full=True)
    message = email.message_from_bytes(data)
    assert message.get_param("report-type") == "delivery-status"
    words, status, original = message.get_payload()
    assert words.get_payload().strip() == "It failed."
    assert [len(group.keys()) for group in status.get_payload()] == [1, 4, 4]
    assert "Injected" not in {key for group in status.get_payload() for key in group}
    assert original.get_payload(0)["Subject"] == "x"
    assert [part.subtype for part in parse(data).part.children] == ["plain", "delivery-status", "rfc822"]


def test_a_report_about_headers_only_or_in_utf8_says_so():
    data = report("Subject: ଓ\r\n".encode(), full=False, recipient="ରାମ@ଡାଟାମେଲ.ଭାରତ")
    parsed = parse(data)
    assert [part.subtype for part in parsed.part.children] == ["plain", "global-delivery-status", "global-headers"]
    assert b"Content-Transfer-Encoding: 8bit" in data[: parsed.header_size]
