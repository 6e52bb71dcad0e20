"""Four times the bomb takes about four times as long, never sixteen.  A23, A24"""

import time

import pytest

from odcore.folding import normalize
from odmail.message import address, header, markup, parameters, subject, thread, transfer
from odmail.message.parse import parse


def part(n: int) -> bytes:
    return b"--b\r\n\r\nx\r\n" * n


TYPED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"

MESSAGES = {
    "headers": lambda n: b"X: y\r\n" * 25 * n,
    "header names": lambda n: b"".join(b"X%d: y\r\n" % k for k in range(10 * n)),
    "folds": lambda n: b"Subject: x" + b"\r\n y" * 25 * n + b"\r\n\r\n",
    "empty folds": lambda n: b"Subject: x" + b"\r\n " * 25 * n + b"\r\n\r\n",
    "recipients": lambda n: b"To: " + b"a@x.example," * 2 * n,
    "odd recipients": lambda n: b"To: " + b"(c)a . b@x.example," * 2 * n,
    "nested comments": lambda n: b"To: " + b"(" * 25 * n + b"a@x.example",
    "comments": lambda n: b"To: " + b"(c)" * 10 * n,
    "comments ending in a backslash": lambda n: b"To: " + b"(\\" * 10 * n,
    "open quotes": lambda n: b"To: " + b'"\\' * 10 * n,
    "open brackets": lambda n: b"To: " + b"[\\" * 10 * n,
    "angles": lambda n: b"To: " + b"<" * 10 * n,
    "ats": lambda n: b"To: " + b"@" * 10 * n,
    "words": lambda n: b"To: " + b"a " * 10 * n,
    "colons": lambda n: b"To: " + b"a:" * 10 * n,
    "groups": lambda n: b"To: " + b"a:;" * 10 * n,
    "semicolons": lambda n: b"To: " + b";" * 10 * n,
    "routes": lambda n: b"To: <" + b"@a," * 10 * n,
    "open encoded words as names": lambda n: b"To: " + b"=?a?q?" * 5 * n,
    "encoded words": lambda n: b"Subject: " + b"=?utf-8?q?x?= " * 4 * n,
    "open encoded words": lambda n: b"Subject: " + b"=?utf-8?q?x" * 5 * n,
    "question marks": lambda n: b"Subject: " + b"=?" * 25 * n,
    "replies": lambda n: b"Subject: " + b"Re: " * 10 * n,
    "forwards": lambda n: b"Subject: " + b"[fwd:" * 10 * n + b"]" * 10 * n,
    "blobs": lambda n: b"Subject: " + b"[a]" * 10 * n,
    "references": lambda n: b"References: " + b"".join(b"<%d@x>" % k for k in range(5 * n)),
    "open references": lambda n: b"References: " + b"<" * 50 * n,
    "parameters": lambda n: b"Content-Type: text/plain" + b"; x=y" * 5 * n,
    "numbered parameters": lambda n: b"Content-Type: text/plain" + b"".join(b"; x*%d=y" % k for k in range(5 * n)),
    "lone semicolons": lambda n: b"Content-Type: text/plain" + b";" * 50 * n,
    "open parameters": lambda n: b"Content-Type: text/plain" + b';x="\\' * 10 * n,
    "parts": lambda n: TYPED + part(n),
    "empty parts": lambda n: TYPED + b"--b\r\n" * 2 * n,
    "almost delimiters": lambda n: TYPED + b"--bb\r\n" * 10 * n,
    "multiparts in multiparts": lambda n: b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (k, k) for k in range(3 * n)
    ),
    "messages in messages": lambda n: b"Content-Type: message/rfc822\r\n\r\n" * 3 * n,
    "lines without a boundary": lambda n: TYPED + b"--\r\nxxxx\r\n" * 100 * n,
    "text lines": lambda n: b"\r\n" + b"x\r\n" * 500 * n,
}


READERS = {
    "comments never closed": (lambda n: b"(" * 100 * n, address.parse_strict),
    "backslashes": (lambda n: b'"' + b"\\" * 50 * n, address.parse),
    "parameter comments": (lambda n: b"a/b " + b"(" * 200 * n, parameters.parse),
    "base64": (lambda n: b"QUJD\r\n" * 200 * n, lambda data: transfer.decode(data, "base64")),
    "blanks in quoted-printable": (
        lambda n: (b" " * 400 + b"x") * n, lambda data: transfer.decode(data, "quoted-printable"),
    ),
    "equal signs": (lambda n: b"=" * 400 * n, lambda data: transfer.decode(data, "quoted-printable")),
    "spans": (lambda n: b"X: y\r\n z\r\n" * 20 * n, lambda data: list(header.spans(data))),
    "tags": (lambda n: "<" * 200 * n, markup.text),
    "open tags": (lambda n: "<a " * 50 * n, markup.text),
    "scripts never closed": (lambda n: "<script>" * 50 * n, markup.text),
    "scripts hardly closed": (lambda n: "<script></script" * 20 * n, markup.text),
    "comments in pages": (lambda n: "<!--" * 50 * n, markup.text),
    "entities": (lambda n: "&" * 100 * n, markup.text),
    "joiners": (lambda n: "a\u200d" * 100 * n, normalize),
    "combining marks": (lambda n: "a" + "\u0301" * 20 * n, normalize),
    "subjects": (lambda n: b"[" * 100 * n, subject.base),
    "identifiers": (lambda n: b"<" + b"a" * 900 * n, thread.message_ids),
}  # fmt: skip


def seconds(function, data) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.thread_time()
        function(data)
        best = min(best, time.thread_time() - start)
    return best


def assert_linear(make, function) -> None:
    size = 1000
    small = seconds(function, make(size))
    while small < 0.004 and size < 4_000:  # long enough to measure
        size *= 2
        small = seconds(function, make(size))
    assert seconds(function, make(4 * size)) < max(8 * small, 0.05)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_takes_time_in_step_with_its_size(name):
    assert_linear(MESSAGES[name], parse)


@pytest.mark.parametrize("name", READERS)
def test_a_reader_takes_time_in_step_with_its_size(name):
    assert_linear(*READERS[name])


def test_fifty_megabytes_without_a_boundary_take_well_under_a_second():
    data = TYPED + b"x" * 76 + b"\r\n" * (50 << 20)
    assert seconds(parse, data[: 50 << 20]) < 1.0
