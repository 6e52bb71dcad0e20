"""Responses of the resources of a collection: what they have in common is written once.  RFC 4918 14.24"""

import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

from oddav.radicale import properties, xml
from oddav.radicale.place import Place
from oddav.store.model import Item

_plain = re.compile(r"[\w.~-]*", re.ASCII).fullmatch
"""Most names are as they are quoted."""

Tell = Callable[[Item], str | None]


class Listing:
    """These properties of resources of one collection; `more` are those that only a report has."""

    def __init__(self, place: Place, wanted: Sequence[str], more: Mapping[str, Tell] | None = None) -> None:
        known = {**(more or {}), **properties.OF_ITEM}
        self._above = quote(place.path)
        self._found = [clark for clark in wanted if clark in known]
        self._missing = [clark for clark in wanted if clark not in known]
        self._tells = [known[clark] for clark in self._found]
        self._templates: dict[tuple[bool, ...], str] = {}
        self._whole = self._template((True,) * len(self._found))

    def response(self, item: Item) -> str:
        """Of one of them."""
        href = item.href if _plain(item.href) else quote(item.href)
        values = [tell(item) for tell in self._tells]
        if None not in values:
            return self._whole % (href, *values)
        there = tuple([each is not None for each in values])
        template = self._templates.get(there) or self._template(there)
        return template % (href, *[each for each in values if each is not None])

    def _template(self, there: tuple[bool, ...]) -> str:
        """For those that have the same properties; all that differs is a `%s`."""
        mark = "\0"
        found = [xml.element(clark, mark) for clark, has in zip(self._found, there, strict=True) if has]
        lacking = [clark for clark, has in zip(self._found, there, strict=True) if not has]
        told = xml.propstats(found, map(xml.element, [*self._missing, *lacking]))
        text = f"<D:response><D:href>{self._above}{mark}</D:href>{told}</D:response>"
        self._templates[there] = made = text.replace("%", "%%").replace(mark, "%s")
        return made
