"""Others' programs get each zone that is named.  RFC 5545 3.6.5"""

import icalendar

from oddav.calendar.written import with_zones
from odtest.calendars import event


def test_a_named_zone_comes_along_once_and_an_unknown_one_not_at_all():
    made = with_zones(event().encode())
    [zone] = icalendar.Calendar.from_ical(made).walk("VTIMEZONE")
    assert zone["TZID"] == "Asia/Kolkata"
    assert with_zones(made) == made
    odd = event().replace("Asia/Kolkata", "Nowhere/Never").encode()
    assert with_zones(odd) == odd


def test_a_zone_with_summer_time_says_when_it_begins():
    made = with_zones(event().replace("Asia/Kolkata", "Europe/Berlin").encode())
    [zone] = icalendar.Calendar.from_ical(made).walk("VTIMEZONE")
    assert {each.name for each in zone.subcomponents} == {"STANDARD", "DAYLIGHT"}
