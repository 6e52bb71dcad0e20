"""calendar-data and address-data: how much of a resource a report wants.  RFC 4791 9.6, RFC 6352 10.4"""

from collections.abc import Callable
from datetime import timedelta, tzinfo
from xml.etree.ElementTree import Element

from odcore import clock
from odcore.errors import Fault
from oddav.calendar.expanded import expanded, limited
from oddav.content import Component, components, written
from oddav.partial import Wanted, partial
from oddav.radicale import events, xml
from oddav.radicale.answers import forbidden

_FARTHEST = timedelta(days=3653)
_MOST_ASKED = 500

Change = Callable[[Component], Component]


def reading(asked: Element | None, zone: tzinfo) -> Callable[[bytes], bytes]:
    """What is made of the octets; untouched unless less, or something else, is asked for.

    Conditions valid-filter, max-date-time, supported-calendar-data.
    """
    changes = [] if asked is None else _changes(asked, zone)
    if not changes:
        return lambda octets: octets

    def read(octets: bytes) -> bytes:
        [made] = components(octets)
        try:
            for change in changes:
                made = change(made)
        except Fault:  # what cannot be computed is told as it is
            return octets
        return written(made)

    return read


def _changes(asked: Element, zone: tzinfo) -> list[Change]:
    version, kind = asked.get("version"), asked.get("content-type", "text/calendar").lower()
    found: list[Change] = []
    if asked.tag == xml.name("C:calendar-data") and (version not in (None, "2.0") or kind != "text/calendar"):
        raise forbidden("C:supported-calendar-data")
    for name, work in (("C:expand", expanded), ("C:limit-recurrence-set", limited)):
        told = asked.find(xml.name(name))
        if told is not None:
            found.append(_within(work, _span(told), zone))
    if len(list(asked.iter())) > _MOST_ASKED:
        raise forbidden("C:valid-filter")
    wanted = _card(asked) if asked.tag == xml.name("CR:address-data") else _calendar(asked)
    if wanted is not None:
        found.append(lambda component: partial(component, wanted))
    return found


def _within(work: Callable[[Component, int, int, tzinfo], Component], span: tuple[int, int], zone: tzinfo) -> Change:
    return lambda component: work(component, *span, zone)


def _span(told: Element) -> tuple[int, int]:
    since, until = (events.time(told.get(each, "")) for each in ("start", "end"))
    if until > (clock.now() + _FARTHEST).timestamp():
        raise forbidden("C:max-date-time")
    if since >= until:
        raise forbidden("C:valid-filter")
    return since, until


def _card(asked: Element) -> Wanted | None:
    names = _names(asked, "CR:prop")
    return None if names is None else Wanted(names)


def _calendar(asked: Element) -> Wanted | None:
    told = asked.find(xml.name("C:comp"))
    return None if told is None else _component(told)


def _component(asked: Element) -> Wanted:
    """One of which nothing is named is wanted whole."""
    parts = asked.findall(xml.name("C:comp"))
    names = _names(asked, "C:prop")
    if asked.find(xml.name("C:allcomp")) is not None or (not parts and names is None):
        return Wanted(names)
    return Wanted(names, {each.get("name", "").upper(): _component(each) for each in parts})


def _names(asked: Element, tag: str) -> dict[str, bool] | None:
    """None for all."""
    told = {each.get("name", "").upper(): each.get("novalue") == "yes" for each in asked.findall(xml.name(tag))}
    return told or None
