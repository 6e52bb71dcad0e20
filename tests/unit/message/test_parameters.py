"""Content-Type and Content-Disposition.  RFC 2045 5.1, RFC 2231"""

import pytest

from odmail.message import filename
from odmail.message.parameters import MOST, joined, parse, text


def parameters(value: bytes) -> list[tuple[bytes, bytes]]:
    return joined(parse(value)[1])


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (b"Text/PLAIN", b"text/plain", []),
        (b"text/plain; Charset=UTF-8", b"text/plain", [(b"charset", b"UTF-8")]),
        (
            b'text/plain;charset = "utf-8" ; format=flowed',
            b"text/plain",
            [(b"charset", b"utf-8"), (b"format", b"flowed")],
        ),
        (b"text/plain (a ; comment=x); charset=x", b"text/plain", [(b"charset", b"x")]),
        (b"text/plain; charset=us-ascii (Plain text)", b"text/plain", [(b"charset", b"us-ascii")]),
        (b'a/b; name="x;y\\"z"', b"a/b", [(b"name", b'x;y"z')]),
        (b"a/b; name=no quotes.pdf; x=1", b"a/b", [(b"name", b"no quotes.pdf"), (b"x", b"1")]),
        (b'a/b; name="never closed', b"a/b", [(b"name", b"never closed")]),
        (b"a/b; =; ;; x", b"a/b", []),
        (b"a/b; x=", b"a/b", [(b"x", b"")]),
        (b"", b"", []),
        (b'a/b; n*0="one ";n*1="two"', b"a/b", [(b"n", b"one two")]),
        (b"a/b; n*1=two; n*0=one", b"a/b", [(b"n", b"onetwo")]),
        (b"a/b; n*0=one; n*2=three", b"a/b", [(b"n", b"one")]),
        (b"a/b; n*=utf-8'or'%E0%AC%93", b"a/b", [(b"n*", b"utf-8'or'%E0%AC%93")]),
        (b"a/b; n*0*=utf-8''%E0; n*1*=%AC%93; n*2=\" 5%\"", b"a/b", [(b"n*", b"utf-8''%E0%AC%93 5%25")]),
    ],
)
def test_values_and_their_parameters(value, kind, expected):
    assert parse(value)[0] == kind
    assert parameters(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"attachment; filename=a.pdf", "a.pdf"),
        (b"attachment; filename*=utf-8''%E0%AC%93%E0%AC%A1%E0%AC%BC.pdf; filename=x.pdf", "ଓଡ଼.pdf"),
        (b"attachment; filename*=iso-8859-1'en'caf%E9.pdf", "café.pdf"),
        (b'attachment; filename="=?utf-8?b?4KyT?=.pdf"', "ଓ.pdf"),
        ('attachment; filename="ଓଡ଼ିଆ.pdf"'.encode(), "ଓଡ଼ିଆ.pdf"),
        (b"attachment; filename*=no-quotes%20here", "no-quotes here"),
        (b"attachment; filename*=utf-8''%FF%zz", "ÿ%zz"),
        (b"attachment", ""),
    ],
)
def test_file_names_are_decoded_from_every_notation(value, expected):
    assert filename.of(parameters(value), []) == expected


def test_the_disposition_names_the_file_before_the_type():
    assert filename.of([(b"filename", b"a")], [(b"name", b"b")]) == "a"
    assert filename.of([], [(b"name", b"b")]) == "b"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\letters\\a.doc", "C__letters_a.doc"),
        ("annual\u202efdp.exe", "annualfdp.exe"),
        ("a\r\n\0b.pdf", "ab.pdf"),
        (" .hidden. ", "hidden"),
        ("କ୍\u200dଷ.pdf", "କ୍\u200dଷ.pdf"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
    ],
)
def test_a_shown_name_cannot_deceive(name, shown):
    assert filename.safe(name) == shown


def test_no_more_parameters_are_read_than_the_limit():
    assert len(parse(b"a/b" + b"; x=1" * 10_000)[1]) == MOST


def test_a_missing_parameter_has_no_text():
    assert text([], b"name") is None
