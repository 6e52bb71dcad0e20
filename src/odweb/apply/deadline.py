"""How long a stage may take, in working days: Sundays, second and fourth Saturdays are none."""

from datetime import datetime, timedelta

from django.utils import timezone

DAYS = 2
_SATURDAY, _SUNDAY = 5, 6


def due(start: datetime, days: int = DAYS) -> datetime:
    """The same time of day, so many working days later."""
    at = timezone.localtime(start)
    while days:
        at += timedelta(days=1)
        days -= _is_working(at)
    return at


def _is_working(day: datetime) -> bool:
    saturday = (day.day + 6) // 7  # which of the month
    return day.weekday() < _SATURDAY or (day.weekday() == _SATURDAY and saturday not in (2, 4))
