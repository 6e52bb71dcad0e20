"""The Date field.  RFC 5322 3.3, 4.3"""

import pytest

from odmail.message.date import parse

NOV_23 = 1795392000  # 2026-11-23T00:00:00Z


@pytest.mark.parametrize(
    "value",
    [
        b"Mon, 23 Nov 2026 10:00:00 +0000",
        b"Mon, 23 Nov 2026 15:30:00 +0530 (IST)",
        b"23 Nov 2026 10:00 GMT",
        b"Monday, 23-Nov-26 10:00:00 UT",
        b"Mon, 23 Nov 126 10:00:00 -0000",
        b"Mon,23 Nov 2026 05:00:00 EST",
        b"Mon, 23 Nov 2026 10:00:00",
        b"Mon, 23 Nov 2026 10:00:00 XYZ",
        b"Mon, 23 (a comment) Nov 2026 10:00:00 +0000",
        b"Mon Nov 23 10:00:00 2026",
        b"2026-11-23T10:00:00Z",
        b"2026-11-23 15:30:00+05:30",
        b"mon, 23 nov 2026 10.00.00 +0000",
    ],
)
def test_every_way_to_write_a_moment_is_understood(value):
    moment = parse(value)
    assert moment is not None
    assert moment.instant == NOV_23 + 10 * 3600


def test_the_day_is_the_one_the_writer_saw():
    moment = parse(b"Mon, 23 Nov 2026 01:00:00 +0530")
    assert moment is not None
    assert (moment.instant, moment.day) == (NOV_23 + 3600 - 19800, NOV_23)


def test_short_years_count_from_their_century():
    assert [parse(b"1 Jan %b 00:00:00 +0000" % year) for year in (b"49", b"50", b"099")] == [
        parse(b"1 Jan %b 00:00:00 +0000" % year) for year in (b"2049", b"1950", b"1999")
    ]


def test_a_leap_second_is_a_second():
    assert parse(b"31 Dec 2016 23:59:60 +0000") is not None


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"yesterday",
        b"32 Nov 2026 10:00:00",
        b"30 Feb 2026 10:00:00",
        b"1 Xyz 2026 10:00:00",
        b"1 Jan 2026 25:00:00",
        b"1 Jan 0000 10:00:00",
        b"1 Jan 2026",
        b"\xff\xff",
        b"2026-13-01T00:00:00Z",
    ],
)
def test_what_is_no_date_is_none(value):
    assert parse(value) is None
