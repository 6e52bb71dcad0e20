"""Collections as people know them: by title and kind, not by the name in their path."""

from collections.abc import Iterator

import msgspec
from django.utils.translation import gettext as _

from oddav.store.model import Collection, Kind
from oddav.store.store import Home, View


class Thing(msgspec.Struct, frozen=True):
    """A collection that can be shared."""

    name: str
    title: str
    kind: str


def things(home: Home) -> list[Thing]:
    """The boxes of invitations are nobody else's."""
    with home.view() as view:
        return list(_things(view))


def _things(view: View) -> Iterator[Thing]:
    for each in view.collections():
        if each.kind in (Kind.CALENDAR, Kind.CONTACTS):
            yield Thing(each.name, view.title(each), _kind(each))


def _kind(collection: Collection) -> str:
    if collection.kind == Kind.CONTACTS:
        return _("address book")
    kinds = {"VEVENT": _("calendar"), "VTODO": _("tasks"), "VJOURNAL": _("notes")}
    return next((kind for part, kind in kinds.items() if part in collection.components), _("calendar"))
