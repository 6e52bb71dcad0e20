"""Address lists of every kind.  RFC 5322 3.4, 4.4"""

import pytest

from odmail.message.address import MOST, Address, mailboxes, parse, parse_strict


def flat(value: bytes) -> list[tuple[bytes, bytes | None, bytes | None]]:
    return [(one.name, one.mailbox, one.host) for one in parse(value)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"a@x.example", [(b"", b"a", b"x.example")]),
        (b"<a@x.example>", [(b"", b"a", b"x.example")]),
        (b"Rama Das <a@x.example>", [(b"Rama Das", b"a", b"x.example")]),
        (b"Rama  K.  Das<a@x.example>", [(b"Rama  K.  Das", b"a", b"x.example")]),
        (b'"Das, Rama" <a@x.example> , b@y.example', [(b"Das, Rama", b"a", b"x.example"), (b"", b"b", b"y.example")]),
        (b'"The \\"Chief\\"" <a@x.example>', [(b'The "Chief"', b"a", b"x.example")]),
        (b'Rama "the" Das <a@x.example>', [(b"Rama the Das", b"a", b"x.example")]),
        (b'"a b"@x.example', [(b"", b"a b", b"x.example")]),
        (b'<"a@b"@x.example>', [(b"", b"a@b", b"x.example")]),
        (b"a@[192.0.2.1]", [(b"", b"a", b"[192.0.2.1]")]),
        (b"a@x.example (Rama Das)", [(b"Rama Das", b"a", b"x.example")]),
        (b"Rama (a (nested\\) comment)) <a@x.example> (more)", [(b"Rama", b"a", b"x.example")]),
        (b"a . b @ x . example", [(b"", b"a.b", b"x.example")]),
        (b"a(c)@(d)x.example", [(b"d", b"a", b"x.example")]),
        (b"<@r.example,@s.example:a@x.example>", [(b"", b"a", b"x.example")]),
        (b",, a@x.example ,,b@y.example,", [(b"", b"a", b"x.example"), (b"", b"b", b"y.example")]),
        (b"Undisclosed recipients:;", [(b"", b"Undisclosed recipients", None), (b"", None, None)]),
        (
            b"Team: a@x.example, B <b@y.example>; , c@z.example",
            [
                (b"", b"Team", None),
                (b"", b"a", b"x.example"),
                (b"B", b"b", b"y.example"),
                (b"", None, None),
                (b"", b"c", b"z.example"),
            ],
        ),
        (
            b"A: a@x.example; B: b@y.example;",
            [
                (b"", b"A", None),
                (b"", b"a", b"x.example"),
                (b"", None, None),
                (b"", b"B", None),
                (b"", b"b", b"y.example"),
                (b"", None, None),
            ],
        ),
        ("ସସ୍ମିତା <ସସ୍ମିତା@ଡାଟାମେଲ.ଭାରତ>".encode(), [("ସସ୍ମିତା".encode(), "ସସ୍ମିତା".encode(), "ଡାଟାମେଲ.ଭାରତ".encode())]),
        (b"=?utf-8?q?Das,_Rama?= <a@x.example>", [(b"=?utf-8?q?Das,_Rama?=", b"a", b"x.example")]),
        # broken ones
        (b"postmaster", [(b"", b"postmaster", b"")]),
        (b"Rama Das", [(b"", b"Rama Das", b"")]),
        (b"Rama <a>", [(b"Rama", b"a", b"")]),
        (b"Rama <>", [(b"Rama", b"", b"")]),
        (b"Rama <a@x.example", [(b"Rama", b"a", b"x.example")]),
        (b"Rama Das a@x.example", [(b"Rama Das", b"a", b"x.example")]),
        (b"<a@x.example> <b@y.example>", [(b"", b"a", b"x.example"), (b"", b"b", b"y.example")]),
        (b'"open <a@x.example>, b@y.example', [(b"", b"open <a@x.example>, b@y.example", b"")]),
        (b"a@x.example (open", [(b"open", b"a", b"x.example")]),
        (b"(\\", []),
        (b"", []),
        (b"Team: a@x.example", [(b"", b"Team", None), (b"", b"a", b"x.example"), (b"", None, None)]),
    ],
)
def test_every_form_gives_what_a_person_would_read(value, expected):
    assert flat(value) == expected


def test_a_route_is_kept_for_the_envelope():
    assert parse(b"<@r.example,@s.example:a@x.example>")[0].route == b"@r.example,@s.example"


def test_names_are_decoded_and_addresses_spelled_out():
    one = parse(b"=?utf-8?b?4Kyw4Ky+4Kyu?= <a@x.example>")[0]
    assert (one.display, one.spec) == ("ରାମ", "a@x.example")
    assert Address(b"", None, None).spec == ""


def test_group_edges_are_no_mailboxes():
    assert [one.spec for one in mailboxes(parse(b"T: a@x.example;"))] == ["a@x.example"]


def test_no_more_are_read_than_the_limit():
    assert len(parse(b"a@x.example," * (2 * MOST))) == MOST


@pytest.mark.parametrize(
    "value",
    [
        b"a@x.example",
        b"Rama Das <a@x.example>",
        b'"Das, Rama" <a@x.example>, b@y.example',
        b"a@x.example (Rama)",
        b"T: a@x.example;",
        "ରାମ <ରାମ@ଡାଟାମେଲ.ଭାରତ>".encode(),
        b'"a b"@x.example'.replace(b" ", b"."),
    ],
)
def test_what_is_clear_passes_the_strict_reading(value):
    assert parse_strict(value) == parse(value)


@pytest.mark.parametrize(
    "value",
    [
        b"<a@x.gov>:<b@y.example>",
        b"a@x.gov <b@y.example>",
        b"<a@x.gov> <b@y.example>",
        b"<a@x.gov>b@y.example",
        b"a@x.gov b@y.example",
        b"a@x.gov@y.example",
        b"<a@x.gov@y.example>",
        b'"a@x.gov"@y.example',
        b"<a@x.gov\0@y.example>",
        b"a\0@x.gov",
        b"=?utf-8?q?a=40x.gov?=@y.example",
        b"<=?utf-8?q?a?=@y.example>",
        b"Rama <a@x.gov",
        b"Rama a@x.gov>",
        b"Rama",
        b"<>",
        b"Rama <>",
        b'"open <a@x.gov>',
        b"a@x.gov (open",
        b"T: a@x.gov",
        b"a@x.gov;",
        b"<<a@x.gov>>",
        b"a\\@x.gov",
        b"a@x.gov\xff",
        b'"a b"@x.gov',
        b"=?utf-8?q?Das,_Rama?= <a@x.gov>",
        b"T: U: a@x.gov;;",
        b"a@",
        b"@x.gov",
    ],
)
def test_what_has_two_readings_fails_the_strict_one(value):
    """A11"""
    assert parse_strict(value) is None
