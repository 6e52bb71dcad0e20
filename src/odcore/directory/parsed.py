"""What records say, taken apart once: most requests ask about the same few people again and again."""

from collections.abc import Callable
from typing import Generic, TypeVar

from odcore.directory.record import Record

Said = TypeVar("Said")

_MOST = 10_000


class Parsed(Generic[Said]):
    """Right as long as the record is the same object: a record asked for anew is taken apart anew."""

    def __init__(self, parse: Callable[[Record], Said]) -> None:
        self._parse = parse
        self._known: dict[str, tuple[Record, Said]] = {}

    def of(self, record: Record) -> Said:
        """Faults as what parses it."""
        known = self._known.get(record.dn)
        if known is None or known[0] is not record:
            if len(self._known) >= _MOST:
                self._known.clear()
            known = self._known[record.dn] = (record, self._parse(record))
        return known[1]
