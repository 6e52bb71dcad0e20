"""Offsets, structures and envelopes of whole messages.  RFC 2045-2049, RFC 9051 7.5.2"""

import mmap

import pytest

from odmail.message.model import Part
from odmail.message.parse import DEPTH, PARTS, parse


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def body_of(data: bytes, part: Part) -> bytes:
    return data[part.body_start : part.end]


NESTED = crlf(
    """From: a@x.example
Subject: outer
Content-Type: multipart/mixed; boundary="outer"

preamble
--outer
Content-Type: multipart/alternative; boundary=inner

--inner

plain
--inner
Content-Type: text/html; charset=UTF-8
Content-Language: or, en
Content-Location: http://x.example/

<p>html
--inner--
between
--outer
Content-Type: message/rfc822
Content-Description: a letter

Subject: inside
From: "B, C" <b@y.example>

one
two
--outer
Content-Type: application/pdf; name="x.pdf"
Content-Disposition: attachment; filename="x.pdf"
Content-Transfer-Encoding: BASE64
Content-ID: <id@x>
Content-MD5: Q2hlY2s=

QUJD
--outer--
epilogue
"""
)


def test_parts_of_a_nested_message_are_found_where_they_lie():
    part = parse(NESTED).part
    alternative, letter, pdf = part.children
    assert [child.kind for child in part.children] == ["multipart", "message", "application"]
    assert [body_of(NESTED, child) for child in alternative.children] == [b"plain", b"<p>html"]
    assert body_of(NESTED, letter).endswith(b"\r\n\r\none\r\ntwo")
    assert body_of(NESTED, letter.children[0]) == b"one\r\ntwo"
    assert body_of(NESTED, pdf) == b"QUJD"
    assert (pdf.encoding, pdf.filename, pdf.disposition) == ("base64", "x.pdf", "attachment")


def test_body_structure_tells_all_there_is_to_tell():
    assert parse(NESTED).structure == (
        b'((("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 5 0 NIL NIL NIL NIL)'
        b'("text" "html" ("charset" "UTF-8") NIL NIL "7bit" 7 0 NIL NIL ("or" "en") "http://x.example/")'
        b' "alternative" ("boundary" "inner") NIL NIL NIL)'
        b'("message" "rfc822" NIL NIL "a letter" "7bit" 55 '
        b'(NIL "inside" (("B, C" NIL "b" "y.example")) (("B, C" NIL "b" "y.example")) (("B, C" NIL "b" "y.example"))'
        b" NIL NIL NIL NIL NIL)"
        b' ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 8 1 NIL NIL NIL NIL) 4 NIL NIL NIL NIL)'
        b'("application" "pdf" ("name" "x.pdf") "<id@x>" NIL "base64" 4 "Q2hlY2s="'
        b' ("attachment" ("filename" "x.pdf")) NIL NIL)'
        b' "mixed" ("boundary" "outer") NIL NIL NIL)'
    )


def test_attachments_are_what_a_person_would_call_so():
    assert parse(NESTED).attachments == 2  # the letter and the pdf


def test_signatures_and_pictures_within_the_text_are_no_attachments():
    data = crlf(
        """Content-Type: multipart/signed; boundary=s

--s
Content-Type: multipart/related; boundary=r

--r
Content-Type: text/html

<img src=cid:i>
--r
Content-Type: image/png; name=i.png
Content-ID: <i>

x
--r--
--s
Content-Type: application/pgp-signature; name=signature.asc

x
--s--
"""
    )
    assert parse(data).attachments == 0


def test_a_message_with_bare_line_feeds_reads_the_same():
    unix = parse(NESTED.replace(b"\r\n", b"\n"))
    assert unix.envelope == parse(NESTED).envelope
    bare = NESTED.replace(b"\r\n", b"\n")
    assert [body_of(bare, part) for part in unix.part.children[0].children] == [b"plain", b"<p>html"]


def test_digest_parts_are_messages_unless_they_say_otherwise():
    data = crlf(
        "Content-Type: multipart/digest; boundary=d\n\n--d\n\nSubject: x\n\ntext\n"
        "--d\nContent-Type: text/plain\n\ny\n--d--\n"
    )
    assert [part.kind for part in parse(data).part.children] == ["message", "text"]


def test_a_multipart_without_its_boundary_is_one_text():
    for kind in (
        "multipart/mixed",
        "multipart/mixed; boundary=never",
        'multipart/mixed; boundary=""',
        'multipart/mixed; boundary=" "',
    ):
        data = crlf(f"Content-Type: {kind}\n\nwhatever\n")
        parsed = parse(data)
        assert [body_of(data, part) for part in parsed.part.children] == [b"whatever\r\n"]
        assert parsed.structure.startswith(b'(("text" "plain" ')


def test_a_missing_last_delimiter_ends_with_the_message():
    data = crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n")
    assert [body_of(data, part) for part in parse(data).part.children] == [b"one", b"two\r\n"]


def test_an_outer_delimiter_ends_inner_parts():
    data = crlf(
        "Content-Type: multipart/mixed; boundary=o\n\n--o\n"
        "Content-Type: multipart/mixed; boundary=i\n\n--i\n\nx\n--o\n\ny\n--o--\n"
    )
    inner, last = parse(data).part.children
    assert [body_of(data, part) for part in inner.children] == [b"x"]
    assert body_of(data, last) == b"y"


def test_a_boundary_that_begins_another_is_not_taken_for_it():
    data = crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--bb\nstill one\n--b--\n")
    assert [body_of(data, part) for part in parse(data).part.children] == [b"one\r\n--bb\r\nstill one"]


def test_blanks_after_a_delimiter_do_not_hide_it():
    data = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b \t\r\n\r\none\r\n--b-- \r\n"
    assert [body_of(data, part) for part in parse(data).part.children] == [b"one"]


def test_the_same_boundary_at_two_levels_belongs_to_the_outer_one():
    data = crlf(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n"
    )
    first, second = parse(data).part.children
    assert first.kind == "multipart"
    assert body_of(data, second) == b"x"


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\r\n", b"\0", b":", b"Subject", b"\xff" * 50, b"Content-Type: multipart/x"]
)
def test_next_to_nothing_is_a_message_too(data):
    parsed = parse(data)
    assert parsed.size == len(data)
    assert parsed.part.end == len(data)
    assert parsed.envelope == parsed.envelope.strip()


def test_octets_may_come_as_view_or_as_map(tmp_path):
    path = tmp_path / "message"
    path.write_bytes(NESTED)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert parse(mapped) == parse(NESTED)
        with memoryview(mapped) as view:
            assert parse(view) == parse(NESTED)
    assert parse(memoryview(NESTED)) == parse(NESTED)
    assert parse(memoryview(b"xx" + NESTED)[2:]) == parse(NESTED)
    assert parse(memoryview(bytearray(NESTED))) == parse(NESTED)


def levels(part: Part) -> int:
    deepest, waiting = 0, [(part, 0)]
    while waiting:
        part, level = waiting.pop()
        deepest = max(deepest, level)
        waiting.extend((child, level + 1) for child in part.children)
    return deepest


def test_multiparts_deeper_than_the_limit_are_one_opaque_leaf():
    data = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(10_000))
    parsed = parse(data)
    assert levels(parsed.part) == DEPTH
    assert parsed.structure.count(b'"application" "octet-stream"') == 1


def test_messages_in_messages_deeper_than_the_limit_are_one_opaque_leaf():
    parsed = parse(b"Content-Type: message/rfc822\r\n\r\n" * 10_000)
    assert levels(parsed.part) == DEPTH
    assert parsed.structure.count(b'"application" "octet-stream"') == 1


def test_parts_beyond_the_limit_are_one_opaque_leaf():
    data = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * (2 * PARTS) + b"--b--\r\n"
    parsed = parse(data)
    assert len(parsed.part.children) == PARTS
    assert parsed.part.children[-1].kind == "application"
    assert b'"octet-stream"' in parsed.structure


def test_a_header_larger_than_the_limit_is_kept_but_read_only_to_it():
    data = b"Subject: a\r\n" + b"X: y\r\n" * 300_000 + b"To: late@x.example\r\n\r\nbody"
    parsed = parse(data)
    assert parsed.header_size == len(data) - 4
    assert b"late" not in parsed.envelope
    assert parsed.base_subject == "a"


def test_what_a_mailbox_needs_is_all_there():
    data = crlf(
        """Date: Tue, 24 Nov 2026 01:30:00 +0530
From: =?utf-8?b?4Kyw4Ky+4Kyu?= <ram@x.example>
To: Team: s@x.example, t@x.example;
Subject: Re: [list] Agenda (fwd)
Message-ID: <3@x.example>
In-Reply-To: <2@x.example>
References: <1@x.example>
\t<2@x.example>

> quoted
The words that matter.
"""
    )
    parsed = parse(data)
    assert parsed.sent == 1795464000
    assert parsed.sent_day == 1795478400  # the 24th, although it was still the 23rd in Greenwich
    assert parsed.message_id == "3@x.example"
    assert parsed.references == ("1@x.example", "2@x.example")
    assert parsed.base_subject == "Agenda"
    assert parsed.preview == "The words that matter."
    assert parsed.sort.display_from == "ରାମ"
    assert parsed.sort.from_ == "RAM"
    assert parsed.sort.to == "TEAM"
    assert (
        b'((NIL NIL "Team" NIL)(NIL NIL "s" "x.example")(NIL NIL "t" "x.example")(NIL NIL NIL NIL))' in parsed.envelope
    )
