"""A calendar's own time zone: a VTIMEZONE or a name, each told by the other.  RFC 4791 5.2.2, RFC 7809 5.2"""

from collections.abc import Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from odcore.errors import Fault
from oddav.calendar.zone import brought, name_of, named, spelt
from oddav.radicale import xml
from oddav.store.ops.zone import TIMEZONE, TIMEZONE_ID

_OTHER = {TIMEZONE: TIMEZONE_ID, TIMEZONE_ID: TIMEZONE}


def refused(given: Mapping[str, Element | None]) -> dict[str, str]:
    """Those that are no zone, with the condition each does not meet."""
    found: dict[str, str] = {}
    for name, condition in ((TIMEZONE, "C:valid-calendar-data"), (TIMEZONE_ID, "C:valid-timezone")):
        told = given.get(name)
        try:
            if told is not None:
                (named if name == TIMEZONE_ID else brought)(told.text or "")
        except Fault:
            found[name] = f"<{condition}/>"
    return found


def settled(given: Mapping[str, str | None]) -> dict[str, str | None]:
    """One of the two: who sets one takes the other away."""
    others = {_OTHER[name]: None for name in _OTHER if given.get(name) is not None and given.get(_OTHER[name]) is None}
    return {**given, **others}


def told(dead: Mapping[str, str], clark: str) -> str | None:
    """What the other one makes of this; None where this was set, or neither."""
    if clark in dead or _OTHER[clark] not in dead:
        return None
    text = ElementTree.fromstring(dead[_OTHER[clark]]).text or ""  # noqa: S314 - written by ourselves
    try:
        found = spelt(text.strip()) if clark == TIMEZONE else name_of(text)
    except Fault:  # of a guest's own note, which nothing depends on
        return None
    return xml.text(found) or None
