"""Base subjects.  RFC 5256 2.1"""

import pytest

from odmail.message.subject import base, is_reply


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (b"Budget", "Budget"),
        (b"Re: Budget", "Budget"),
        (b"RE : re:Fw: FWD: Budget", "Budget"),
        (b"Re[2]: Budget", "Budget"),
        (b"[list] Re: Budget", "Budget"),
        (b"[list] [other] Re: [list] Budget", "Budget"),
        (b"[only a blob]", "[only a blob]"),
        (b"Re: [only a blob]", "[only a blob]"),
        (b"[list] Budget", "Budget"),
        (b"Budget (fwd)", "Budget"),
        (b"Budget (FWD) (fwd)  ", "Budget"),
        (b"[fwd: Re: Budget]", "Budget"),
        (b"Re: [Fwd: [fwd: Budget]]", "Budget"),
        (b"  Budget \t of\tthe  year ", "Budget of the year"),
        (b"Regarding: Budget", "Regarding: Budget"),
        ("Re: ବଜେଟ୍".encode(), "ବଜେଟ୍"),
        (b"=?utf-8?q?Re=3A_Budget?=", "Budget"),
        (b"Re:", ""),
        (b"", ""),
        (b"[[broken] Budget", "[[broken] Budget"),
    ],
)
def test_marks_of_replies_and_lists_come_off(subject, expected):
    assert base(subject) == expected


def test_replies_and_forwards_are_known_by_their_marks():
    assert [is_reply(text) for text in (b"Re: a", b"[x] Fwd: a", b"a (fwd)", b"[fwd: a]", b"a", b"[x] a")] == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]
