"""MTA-STS records and policies are read as RFC 8461 writes them, and what is none is no policy."""

import pytest

from odcore.errors import Fault, Kind
from odmail.transport.sts import Mode, Policy, read_policy, read_record

# RFC 8461 3.1 and appendix A.1
RECORD = b"v=STSv1; id=20160831085700Z;"
POLICY = b"version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmx: backupmx.example.com\r\n"
POLICY += b"max_age: 604800\r\n"


def test_the_rfcs_record_names_its_policy():
    assert read_record([RECORD]) == "20160831085700Z"
    assert read_record([b"something else", b"v=STSv1;id=a1"]) == "a1"


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [b"v=STSv1; id="],
        [b"v=STSv1"],
        [b"v=STSv1; id=a-b"],
        [b"v=STSv1; id=" + b"a" * 33],
        [b"v=STSv12; id=a"],
        [b"id=a; v=STSv1"],
        [b"v=STSv1; id=\xff"],
        [RECORD, RECORD],  # more than one is none
    ],
)
def test_what_is_no_record_names_none(texts):
    assert read_record(texts) == ""


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_the_rfcs_policy(end):
    expected = Policy(Mode.ENFORCE, 604800, ("mail.example.com", "*.example.net", "backupmx.example.com"))
    assert read_policy(POLICY.replace(b"\r\n", end)) == expected


def test_unknown_keys_are_passed_over_and_the_first_of_two_counts():
    found = read_policy(b"version: STSv1\nmode: testing\nmode: enforce\nfuture: x\nmx:A.example\nmax_age: 1\nmax_age:2")
    assert found == Policy(Mode.TESTING, 1, ("a.example",))


def test_a_policy_that_ends_one_needs_no_hosts_and_none_lives_for_over_a_year():
    assert read_policy(b"version: STSv1\nmode: none\nmax_age: 9999999999") == Policy(Mode.NONE, 31557600)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"<html>",
        POLICY.replace(b"STSv1", b"STSv2"),
        POLICY.replace(b"enforce", b"always"),
        POLICY.replace(b"604800", b"-1"),
        POLICY.replace(b"604800", b""),
        POLICY.replace(b"604800", b"9" * 5000),
        POLICY.replace(b"*.example.net", b"*.*.net"),
        POLICY.replace(b"*.example.net", b"*"),
        POLICY.replace(b"*.example.net", b"ma il"),
        POLICY.replace(b"*.example.net", b"m*.example.net"),
        b"version: STSv1\nmode: enforce\nmax_age: 1",
        b"version: STSv1\nmode: enforce\nmax_age: 1\n" + b"mx: a.example\n" * 1001,
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_policy_is_refused(octets):
    with pytest.raises(Fault) as fault:
        read_policy(octets)
    assert fault.value.kind is Kind.BAD_REQUEST


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("mail.example.com", True),
        ("MAIL.Example.com", True),
        ("other.example.com", False),
        ("mx1.example.net", True),
        ("a.mx1.example.net", False),  # RFC 8461 4.1: an asterisk is one label
        ("example.net", False),
        ("evil-example.net", False),
        ("mail.example.com.evil.example", False),
    ],
)
def test_an_asterisk_is_the_first_label_alone(host, allowed):
    assert read_policy(POLICY).allows(host) is allowed
