"""The Date field, modern, obsolete and broken.  RFC 5322 3.3, 4.3"""

import re
from datetime import date

import msgspec

_MAIL = re.compile(
    rb"(?:[A-Za-z]{2,12}\.?,?\s{0,9}+)?(\d{1,2})[\s-]{1,9}([A-Za-z]{3,9})\.?[\s-]{1,9}(\d{2,4})"
    rb"[\s,]{1,9}(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d{1,9})?\s{0,9}([+-]\d{4}|[A-Za-z]{1,5})?"
)
_ASCTIME = re.compile(
    rb"(?:[A-Za-z]{3,9},?\s{1,9})?([A-Za-z]{3,9})\s{1,9}(\d{1,2})\s{1,9}(\d{1,2}):(\d{2}):(\d{2})"
    rb"(?:\s{1,9}([+-]\d{4}|[A-Z]{1,5}))?\s{1,9}(\d{4})"
)
_ISO = re.compile(rb"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?(?:\.\d{1,9})?\s?(Z|[+-]\d{2}:?\d{2})?")
_COMMENT = re.compile(rb"\([^()]{0,200}\)")
_MONTHS = {
    name: number for number, name in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)
}
_ZONES = {b"EDT": -4, b"EST": -5, b"CDT": -5, b"CST": -6, b"MDT": -6, b"MST": -7, b"PDT": -7, b"PST": -8}
_EPOCH = date(1970, 1, 1).toordinal()


class Moment(msgspec.Struct, frozen=True, gc=False):
    """An instant, and the day its writer's calendar showed."""

    instant: int  # seconds since the epoch
    day: int  # midnight UTC of the stated day, seconds since the epoch (RFC 9051 6.4.4, SENTON)


def parse(value: bytes) -> Moment | None:
    """The moment a Date field states, None when it states none."""
    value = value[:400]
    if b"(" in value:
        value = _COMMENT.sub(b" ", value)
    value = value.strip()
    if match := _MAIL.match(value):
        day, month, year, hour, minute, second, zone = match.groups()
    elif match := _ASCTIME.match(value):
        month, day, hour, minute, second, zone, year = match.groups()
    elif match := _ISO.match(value):
        year, month, day, hour, minute, second, zone = match.groups()
    else:
        return None
    return _moment((year, month, day), (hour, minute, second or b"0"), zone or b"")


def _moment(calendar: tuple[bytes, bytes, bytes], clock: tuple[bytes, bytes, bytes], zone: bytes) -> Moment | None:
    number = _MONTHS.get(calendar[1][:3].lower()) or (int(calendar[1]) if calendar[1].isdigit() else 0)
    hour, minute, second = int(clock[0]), int(clock[1]), int(clock[2])
    if hour > 24 or minute > 59 or second > 60:
        return None
    try:
        day = (date(_year(calendar[0]), number, int(calendar[2])).toordinal() - _EPOCH) * 86_400
    except ValueError:
        return None
    return Moment(day + hour * 3600 + minute * 60 + second - _offset(zone), day)


def _year(digits: bytes) -> int:
    # RFC 5322 4.3: two digits up to 49 lie in this century, other short years count from 1900
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (2000 if len(digits) == 2 and year < 50 else 1900)


def _offset(zone: bytes) -> int:
    if zone[:1] in (b"+", b"-"):
        digits = zone[1:].replace(b":", b"")
        seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
        return -seconds if zone[:1] == b"-" else seconds
    return _ZONES.get(zone.upper(), 0) * 3600  # RFC 5322 4.3: an unknown zone is -0000
