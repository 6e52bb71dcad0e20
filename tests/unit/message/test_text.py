"""Transfer encodings, searchable text, previews.  RFC 2045 6, RFC 8970"""

import base64
import quopri

import pytest

from odcore.folding import normalize
from odmail.message import preview, text, thread, transfer
from odmail.message.markup import text as from_html
from odmail.message.parse import parse

ODIA = "ଓଡ଼ିଆ ଭାଷାରେ ଏକ ଚିଠି"


@pytest.mark.parametrize(
    ("data", "encoding", "decoded"),
    [
        (b"QUJD\r\nREVG\r\n", "base64", b"ABCDEF"),
        (b"QU!J D=\r\n", "base64", b"ABC"),
        (b"QUI", "base64", b"AB"),
        (b"Q", "base64", b""),
        (b"QUI=UkVTVA==", "base64", b"AB"),
        (b"a=3Db =\r\nc=20\r\n", "quoted-printable", b"a=b c \r\n"),
        (b"blanks  \t\r\nend ", "quoted-printable", b"blanks\r\nend"),
        (b"=zz =4", "quoted-printable", b"=zz =4"),
        (b"soft=\nbreak", "quoted-printable", b"softbreak"),
        (b"raw", "8bit", b"raw"),
        (b"raw", "x-made-up", b"raw"),
    ],
)
def test_encodings_are_undone_as_far_as_they_go(data, encoding, decoded):
    assert transfer.decode(data, encoding) == decoded


def letter(body: bytes, encoding: str, kind: str = "text/plain; charset=utf-8") -> bytes:
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body


def reader(data: bytes):
    return lambda offset, length: data[offset : offset + length]


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("8bit", ODIA.encode()),
        ("base64", base64.encodebytes(ODIA.encode())),
        ("quoted-printable", quopri.encodestring(ODIA.encode())),
    ],
)
def test_odia_is_found_and_previewed_in_every_encoding(encoding, body):
    data = letter(body, encoding)
    parsed = parse(data)
    assert normalize("ଭାଷାରେ") in text.of_body(parsed.part, reader(data))
    assert parsed.preview == ODIA


def test_what_is_sought_is_found_however_it_was_written():
    for one, other in [
        ("ଡ଼", "\u0b5c"),
        ("Straße", "STRASSE"),
        ("é", "e\u0301"),
        ("କ୍ଷ", "କ୍\u200dଷ"),
        ("a\u00adb", "ab"),
        ("a \r\n b", "a b"),
    ]:
        assert normalize(one) == normalize(other)


def test_names_of_attachments_and_inner_subjects_are_found_too():
    data = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b"Content-Disposition: attachment; filename=Plan.pdf\r\n"
        b"Content-Type: application/pdf\r\n\r\nJUNK\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        b"Subject: Within\r\n\r\ninner\r\n--b--\r\n"
    )
    found = text.of_body(parse(data).part, reader(data))
    assert "plan.pdf" in found
    assert "within" in found
    assert "inner" in found
    assert "junk" not in found


def test_header_text_is_decoded_and_normalized():
    assert text.of_header(b"Subject: =?utf-8?q?=C3=89t=C3=A9?=\r\nTo: A@X\r\n") == "subject: été\nto: a@x"


def test_html_is_read_as_a_person_would():
    source = (
        "<!DOCTYPE html><html><head><title>no</title><style>p{no}</style></head><body><p>Tom &amp; <b>J</b>erry</p>"
        "<script>no()</script><!-- no --><div>second<br>line</div></body></html>"
    )
    assert from_html(source).split() == ["Tom", "&", "Jerry", "second", "line"]
    assert from_html("a < b") == "a < b"
    assert from_html("open <script> no") == "open"
    assert from_html("<\u017fcript>yes<\u017ftyle>")  # Unicode folds that letter to "s"; it opens nothing
    assert from_html("cut <a href='x") == "cut"


def test_a_preview_prefers_plain_text_and_skips_what_is_quoted():
    data = (
        b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: text/html\r\n\r\n<p>page\r\n--b\r\n\r\n"
        b"> earlier\r\nplain   words\r\n--b--\r\n"
    )
    assert parse(data).preview == "plain words"


def test_a_preview_is_cut_between_words_and_never_inside_a_letter():
    words = parse(letter(("ଓଡ଼ିଆ " * 2000).encode(), "8bit")).preview
    assert len(words) <= preview.LONGEST
    assert set(words.split()) == {"ଓଡ଼ିଆ"}
    assert parse(letter(("ଓଡ଼ିଆ" * 2000).encode(), "8bit")).preview == ("ଓଡ଼ିଆ" * 2000)[: preview.LONGEST]


def test_an_attached_text_gives_no_preview():
    assert parse(b"Content-Disposition: attachment\r\n\r\nsecret").preview == ""


def test_identifiers_lose_brackets_folds_and_quotes():
    assert thread.message_ids(b'<a@x> junk <b@x>\t<a@x> <"q"@x>') == ["a@x", "b@x", "q@x"]
    assert thread.message_id(b"no-brackets@x") == "no-brackets@x"
    assert thread.message_id(b"") == ""


def test_in_reply_to_helps_only_where_references_are_missing():
    assert thread.references({b"in-reply-to": b"<a@x> <b@x>"}) == ("a@x",)
    assert thread.references({b"references": b"<r@x>", b"in-reply-to": b"<a@x>"}) == ("r@x",)


def test_of_endless_references_the_first_and_the_latest_stay():
    found = thread.message_ids(b" ".join(b"<%d@x>" % number for number in range(500)))
    assert (found[0], found[-1], len(found)) == ("0@x", "499@x", thread.MOST)
