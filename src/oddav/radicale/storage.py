"""Radicale's storage, as far as its own reports read: expansion and free-busy. Every write is a method of ours."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from radicale import pathutils
from radicale.item import Item as RadicaleItem
from radicale.item.filter import simplify_prefilters
from radicale.storage import BaseCollection, BaseStorage

from oddav.facts import FOREVER
from oddav.radicale.visit import CURRENT
from oddav.store.model import Collection as Row
from oddav.store.model import Item, Kind
from oddav.store.store import Home

log = structlog.get_logger()

_TAGS = {kind: "VADDRESSBOOK" if kind is Kind.CONTACTS else "VCALENDAR" for kind in Kind}


class Principal(BaseCollection):
    """A home: Radicale looks whether there is one."""

    def __init__(self, path: str) -> None:
        self._path = path

    @property
    def path(self) -> str:
        return self._path

    def get_meta(self, key: str | None = None) -> Any:
        return {} if key is None else None


class Collection(BaseCollection):
    """A calendar or an address book."""

    def __init__(self, path: str, home: Home, row: Row) -> None:
        self._path = path
        self._home = home
        self._row = row

    @property
    def path(self) -> str:
        return self._path

    @property
    def tag(self) -> str:
        return _TAGS[self._row.kind]

    @property
    def etag(self) -> str:
        return f'"{self._row.modseq}"'

    def get_meta(self, key: str | None = None) -> Any:
        meta: Mapping[str, str] = {"tag": self.tag}
        return meta if key is None else meta.get(key)

    def get_multi(self, hrefs: Iterable[str]) -> Iterator[tuple[str, RadicaleItem | None]]:
        names = list(hrefs)
        with self._home.view() as view:
            found = view.named(self._row, names)
            made = {item.href: self._made(item, octets) for item, octets in _with(view.octets(found), found)}
        return ((each, made.get(each)) for each in names)

    def get_all(self) -> Iterator[RadicaleItem]:
        with self._home.view() as view:
            found = view.items(self._row)
            return iter([self._made(item, octets) for item, octets in _with(view.octets(found), found)])

    def get_filtered(self, filters: Any) -> Iterator[tuple[RadicaleItem, bool]]:
        """By the range of time, where there is one; the rest Radicale looks at."""
        component, start, end, _ = simplify_prefilters(filters, self.tag)
        if component is None:
            return ((item, False) for item in self.get_all())
        with self._home.view() as view:
            found = [item for item, _ in view.in_range(self._row, component, max(start, -FOREVER), min(end, FOREVER))]
            made = [self._made(item, octets) for item, octets in _with(view.octets(found), found)]
        return ((item, False) for item in made if _readable(item))

    def _made(self, item: Item, octets: bytes) -> RadicaleItem:
        return RadicaleItem(collection=self, href=item.href, text=octets.decode(), etag=item.etag, uid=item.uid)


def _readable(item: RadicaleItem) -> bool:
    """By Radicale's reader: one odd resource must not spoil the report on the others."""
    try:
        item.prepare()
    except Exception as error:  # noqa: BLE001 - whatever its parser raises
        log.info("unreadable", href=item.href, error=type(error).__name__)
        return False
    return True


def _with(octets: dict[int, bytes], items: list[Item]) -> list[tuple[Item, bytes]]:
    return [(item, octets[item.item]) for item in items]


class Storage(BaseStorage):
    """Reads. Each reading is a snapshot of its own, so there is nothing to lock."""

    _is_collision_free = True
    _supports_unicode = True
    _supports_trailing_whitespace = True
    _supports_problematic_chars = True

    @contextmanager
    def acquire_lock(self, mode: str, user: str = "", *given: Any, **named: Any) -> Iterator[None]:  # noqa: ARG002
        yield

    def discover(
        self,
        path: str,
        depth: str = "0",  # noqa: ARG002 - only our own PROPFIND lists
        child_context_manager: Any = None,  # noqa: ARG002
        user_groups: Any = frozenset(),  # noqa: ARG002
    ) -> Iterator[BaseCollection | RadicaleItem]:
        owner, _, rest = pathutils.strip_path(path).partition("/")
        name, _, href = rest.partition("/")
        if not name:
            yield Principal(owner)
            return
        meant, inner = CURRENT.get().at(owner, name)
        home = CURRENT.get().home(meant)
        with home.view() as view:
            row = next((each for each in view.collections() if each.name == inner), None)
        if row is None:
            return
        collection = Collection(f"{owner}/{name}", home, row)
        if href:
            yield from (item for _, item in collection.get_multi([href]) if item is not None)
        else:
            yield collection

    def verify(self) -> bool:
        return True
