"""Whatever the octets: a result, offsets that nest, and structures a strict client can read.  RFC 9051 9"""

import email
import email.policy
import string
from email.message import EmailMessage

from hypothesis import given, settings
from hypothesis import strategies as st

from odcore.folding import normalize
from odmail.message import (
    address,
    charset,
    compose,
    header,
    markup,
    parameters,
    preview,
    subject,
    text,
    thread,
    transfer,
)
from odmail.message import date as dates
from odmail.message.model import Part
from odmail.message.parse import parse

_PIECES = [
    b"Content-Type: multipart/mixed; boundary=b\r\n", b'Content-Type: multipart/digest; boundary="c d"\n',
    b"Content-Type: message/rfc822\r\n", b"Content-Type: text/html; charset=utf-16\r\n", b"Content-Type: ",
    b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n", b"multipart/",
    b"Content-Disposition: attachment; filename*0*=utf-8''%e0; filename*1=x\r\n", b"Content-Language: or,,en\r\n",
    b"From: ", b"To: ", b"Sender:", b"Subject: ", b"Date: Mon, 23 Nov 2026 10:00:00 +0530\r\n", b"References: <a@b>",
    b"a@b.example", b"<a@b>", b'"q\\"', b"(c", b")", b":", b";", b",", b"<", b">", b"@", b"[", b"]", b"\\",
    b"=?utf-8?q?", b"=?utf-8?b?4KyT?=", b"?=", b"\r\n", b"\n", b"\r", b" ", b"\t", b"\0", b"\xff", "ଓଡ଼ିଆ".encode(),
    b"--b\r\n", b"--b--\r\n", b"--c d\n", b"\r\n\r\n", b"\n\n", b"%zz", b"{5}", b"'", b"=", b"boundary=b",
    b"Re: [x] ", b"(fwd)", b"<p>&amp;<!--",
]  # fmt: skip
MESSY = st.lists(st.sampled_from(_PIECES) | st.binary(max_size=8), max_size=60).map(b"".join)


def everything(part: Part) -> list[Part]:
    found, waiting = [], [part]
    while waiting:
        found.append(waiting.pop())
        waiting.extend(found[-1].children)
    return found


@given(MESSY)
@settings(max_examples=600, deadline=None)
def test_any_octets_give_a_message_whose_offsets_nest(data):
    parsed = parse(data)
    assert parsed.size == parsed.part.end == len(data)
    assert parsed.header_size == parsed.part.body_start
    for part in everything(parsed.part):
        assert 0 <= part.header_start <= part.body_start <= part.end <= len(data)
        at = part.body_start
        for child in part.children:
            assert at <= child.header_start
            assert child.end <= part.end
            at = child.end
        assert (part.kind == "multipart" or part.subtype in ("rfc822", "global")) or not part.children


@given(MESSY)
@settings(max_examples=300, deadline=None)
def test_line_ends_do_not_change_what_is_read(data):
    unix = data.replace(b"\r", b"")
    dos = unix.replace(b"\n", b"\r\n")

    def shape(part: Part) -> tuple:
        return part.kind, part.subtype, part.filename, part.lines, tuple(map(shape, part.children))

    assert shape(parse(unix).part) == shape(parse(dos).part)
    assert parse(unix).envelope == parse(dos).envelope


@given(MESSY, st.text(max_size=20))
@settings(max_examples=300, deadline=None)
def test_every_reader_takes_any_octets(data, words):
    header.decode(data)
    dates.parse(data)
    subject.base(data)
    subject.is_reply(data)
    thread.message_ids(data)
    address.parse_strict(data)
    parameters.text(parameters.joined(parameters.parse(data)[1]), b"filename")
    charset.decode(data, words)
    markup.text(data.decode("latin-1"))
    text.of_header(data)
    text.of_body(parse(data).part, lambda offset, length: data[offset : offset + length])
    assert normalize(normalize(words)) == normalize(words)
    assert len(parse(data).preview) <= preview.LONGEST


@given(MESSY)
@settings(max_examples=300, deadline=None)
def test_spans_and_fields_agree_and_tile(data):
    block = data[: parse(data).header_size]
    at = 0
    for _, start, end in header.spans(block):
        assert start == at < end
        at = end
    assert block[at:].strip() == b""


@given(MESSY)
@settings(max_examples=600, deadline=None)
def test_structures_and_envelopes_follow_the_grammar(well_formed, data):
    well_formed(parse(data))


LETTERS = st.text(string.ascii_letters + " ଓଡ଼ିଆé,;:\"'()<>@=?_-", min_size=1, max_size=40).map(str.strip).filter(bool)


@given(
    subject_text=LETTERS,
    name=LETTERS,
    body=LETTERS,
    files=st.lists(st.tuples(LETTERS, st.binary(max_size=200)), max_size=3),
)
@settings(max_examples=150, deadline=None)
def test_what_pythons_own_library_writes_reads_back(subject_text, name, body, files):
    message = EmailMessage(policy=email.policy.SMTP)
    message["Subject"] = subject_text
    message["From"] = email.headerregistry.Address(name, "a", "x.example")
    message.set_content(body)
    for filename, content in files:
        message.add_attachment(content, maintype="application", subtype="x", filename=filename)
    data = message.as_bytes()
    parsed = parse(data)
    assert header.value(data[: parsed.header_size], "subject") == message["Subject"]
    assert [one.spec for one in address.parse(header.index(data, {b"from"})[b"from"])] == ["a@x.example"]
    leaves = [part for part in everything(parsed.part) if not part.children]
    assert len(leaves) == 1 + len(files)
    assert parsed.attachments == len(files)
    theirs = [
        part for part in email.message_from_bytes(data, policy=email.policy.default).walk() if not part.is_multipart()
    ]
    by_place = sorted(leaves, key=lambda part: part.body_start)
    for ours, other in zip(by_place, theirs, strict=True):
        octets = data[ours.body_start : ours.end]
        assert f"{ours.kind}/{ours.subtype}" == other.get_content_type()
        assert transfer.decode(octets, ours.encoding) == other.get_payload(decode=True)


PRINTABLE = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), max_size=120)


@given(PRINTABLE, PRINTABLE)
@settings(max_examples=300, deadline=None)
def test_what_we_compose_reads_back(words, name):
    assert header.value(compose.field("Subject", words), "Subject").strip() == words.strip()
    block = compose.address_field("To", [(name, "a@x.example")])
    found = address.parse(header.index(block, {b"to"})[b"to"])
    assert [one.spec for one in found] == ["a@x.example"]
    assert found[0].display.split() == name.split()
