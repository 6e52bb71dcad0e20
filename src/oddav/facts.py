"""What is computed of an item when it arrives, so that no listing and few queries ever read its octets again."""

import msgspec

FOREVER = 1 << 40
"""Seconds since 1970: later than any date."""


class Facts(msgspec.Struct, frozen=True):
    """Of a calendar object or a card. Times are seconds since 1970, ends excluded."""

    uid: str
    component: str  # "VEVENT", "VTODO", "VJOURNAL", "VCARD"
    occurrences: tuple[tuple[int, int], ...] = ()  # by start
    floating: tuple[tuple[int, int], ...] = ()  # those without a zone: as if its clocks showed UTC
    exact_until: int = FOREVER  # no occurrence that starts before this is missing
