"""calendar-availability as apps set it: hours that nobody could read are refused.  RFC 7953 7.2.4"""

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from odcore import clock
from odcore.errors import Fault
from oddav.calendar.availability import check
from oddav.calendar.facts import horizon
from oddav.scheduling.freebusy import AVAILABILITY


def refused(given: Mapping[str, Element | None]) -> dict[str, str]:
    """With the condition that is not met; none at all may be set."""
    found: dict[str, str] = {}
    for name in AVAILABILITY:
        told = given.get(name)
        text = "" if told is None else (told.text or "").strip()
        try:
            if text:
                check(text.encode(), horizon(clock.now()))
        except Fault:
            found[name] = "<C:valid-calendar-data/>"
    return found
