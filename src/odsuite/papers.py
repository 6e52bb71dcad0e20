"""What a post holds besides mail, for the archive of its tenures: items of its collections, and files."""

from collections.abc import Iterator
from datetime import datetime

from odcore.blob.incoming import IN_MEMORY
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from oddav.content import Component, components, unescaped
from oddav.drive.store.drives import Drives
from oddav.store import model
from oddav.store.model import Collection
from oddav.store.store import Store, View
from odmail.tenure.papers import Paper

_AREAS = {"VEVENT": "calendar", "VTODO": "tasks", "VJOURNAL": "notes", "VCARD": "contacts"}
_TITLES = ("SUMMARY", "FN")
_WORDS = ("LOCATION", "DESCRIPTION", "ORGANIZER", "ATTENDEE", "N", "ORG", "TITLE", "EMAIL", "TEL", "ADR", "NOTE")
_AT_ONCE = 100  # items


def papers(collections: Store, drives: Drives, post: AccountId, instant: datetime) -> Iterator[Paper]:
    """As they were then: an item that was changed since is not what it was, and stays out."""
    moment = int(instant.timestamp())
    if collections.has(post):
        with collections.open(post, ()).view() as view:
            for each in view.collections():
                if each.kind in (model.Kind.CALENDAR, model.Kind.CONTACTS) and not each.source:
                    yield from _items(view, each, moment)
    if drives.has(post):
        yield from _files(drives, post, moment)


def _items(view: View, collection: Collection, moment: int) -> Iterator[Paper]:
    title = view.title(collection)
    items = [each for each in view.items(collection) if each.modified < moment]
    for start in range(0, len(items), _AT_ONCE):
        some = items[start : start + _AT_ONCE]
        octets = view.octets(some)
        for each in some:
            area, text = _AREAS.get(each.component, "calendar"), octets[each.item]
            told = _told(text)
            name = next((told[name] for name in _TITLES if name in told), each.href)
            words = " ".join(told[name] for name in _WORDS if name in told)
            yield Paper(area, title, name, each.modified, words, text)


def _told(octets: bytes) -> dict[str, str]:
    """The texts of its things by name, unescaped; none of what cannot be read."""
    found: dict[str, list[str]] = {}
    try:
        waiting = components(octets)
    except Fault as fault:
        if fault.kind not in (Kind.BAD_REQUEST, Kind.LIMIT):
            raise
        return {}
    while waiting:
        part: Component = waiting.pop(0)
        waiting += [each for each in part.inner if each.name in _AREAS]
        for line in part.lines:
            if line.name in (*_TITLES, *_WORDS):
                text = " ".join((unescaped(line.value), line.params.get("CN", "")))
                found.setdefault(line.name, []).append(text.strip())
    return {name: " ".join(texts) for name, texts in found.items()}


def _files(drives: Drives, post: AccountId, moment: int) -> Iterator[Paper]:
    drive = drives.open(post)
    for each in drive.past(moment):
        folder, _, name = each.path.rpartition("/")
        blob = drive.blobs.path(each.digest)
        if each.size > IN_MEMORY or blob.exists():
            yield Paper("files", folder or "/", name, each.changed, "", None, (str(blob), each.digest))
        else:
            with drive.content(each) as file:
                yield Paper("files", folder or "/", name, each.changed, "", file.read())
