"""Where is that message? One use case, for the command line and for pages alike."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import msgspec

from odcore import clock
from odcore.audit.api import Recorder
from odcore.errors import Fault, Kind
from odmail.history import ops
from odmail.history.model import Event, key
from odmail.history.store import KEEP, History

_LONGEST_WAY = timedelta(days=70)
"""A message may be kept to be sent later (60 days) and then be tried for days."""


class Wanted(msgspec.Struct, frozen=True):
    """What is looked for: an address, a Message-ID, or the id of a message in the queue or of a session."""

    text: str
    since: datetime | None = None
    until: datetime | None = None
    most: int = 100


class Story(msgspec.Struct, frozen=True):
    """One message from the connection to the folder, or a session whose messages were not taken."""

    id: str
    events: tuple[Event, ...]

    @property
    def began(self) -> float:
        """When it came in."""
        return min(each.at for each in self.events)


def trace(history: History, record: Recorder, actor: str, wanted: Wanted) -> list[Story]:
    """The newest `most`, oldest first. Who looked for whose mail is audited. Fault BAD_REQUEST."""
    name = key(wanted.text)
    if not name:
        raise Fault(Kind.BAD_REQUEST, "Say which message: an address, a Message-ID or an id of the queue.")
    record("mail-traced", actor, name)
    instant = clock.now()
    since, until = wanted.since or instant - KEEP, wanted.until or instant
    days = history.days(since.date(), min(until.date() + _LONGEST_WAY, instant.date()))
    stories = _stories(history, days, name)
    met = [each for each in stories if since.timestamp() <= each.began <= until.timestamp()]
    return sorted(met, key=lambda story: story.began)[-wanted.most :]


def _stories(history: History, days: list[date], name: str) -> list[Story]:
    """An address leads to its messages; a message leads on to those made of it, and to the one it was made of."""
    known: dict[str, list[Event]] = {}
    ids = {name} | _named(history, days, {name})
    while ids:
        found = _events(history, days, ids)
        known |= {each: found.get(each, []) for each in ids}
        ids = set() if "@" in name and not _is_message_id(known, name) else _relatives(history, days, found)
        ids -= known.keys()
    sessions = _events(history, days, {_session(each) for told in known.values() for each in told})
    return [Story(name, tuple(_told(events, sessions))) for name, events in known.items() if events]


def _session(event: Event) -> str:
    return str(event.facts.get("session", ""))


def _is_message_id(known: dict[str, list[Event]], name: str) -> bool:
    return any(key(str(each.facts.get("message_id", ""))) == name for events in known.values() for each in events)


def _relatives(history: History, days: list[date], found: dict[str, list[Event]]) -> set[str]:
    """Parents by what they are called in their children, children by their parents' name."""
    parents = {str(each.facts["of"]) for events in found.values() for each in events if each.facts.get("of")}
    begun = [datetime.fromtimestamp(each.at, UTC).date() for events in found.values() for each in events]
    near = [day for day in days if begun and min(begun) - timedelta(days=1) <= day]
    return parents | _named(history, near, found)


def _told(events: list[Event], sessions: dict[str, list[Event]]) -> list[Event]:
    """What its session brought about beforehand, how it came in, and what came of it."""
    names = {_session(each) for each in events}
    before = [each for name in names for each in sessions.get(name, ()) if each not in events]
    return sorted([*before, *events], key=lambda each: each.at)


def _named(history: History, days: list[date], keys: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for day in days:
        with history.read(day) as cursor:
            found |= ops.named(cursor, keys)
    return found


def _events(history: History, days: list[date], ids: Iterable[str]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for day in days:
        with history.read(day) as cursor:
            for each in ops.events(cursor, ids):
                found.setdefault(each.id, []).append(each)
    return found
