"""What lies in a post on the day of the handover: mail, meetings, tasks, what is shared, files."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo

import msgspec
from django.utils.translation import gettext as _

from odcore import clock
from odcore.directory.model import Post
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odcore.sharing.api import COLLECTIONS, FILES, MAIL
from oddav.calendar.facts import Happening, happenings
from oddav.content import Component, components
from oddav.shares import Collections, Folders
from oddav.store.first import first
from oddav.store.model import Collection, Range
from oddav.store.store import View
from odmail.mailbox.api import Fetch, MailAccount, Search
from odmail.mailbox.model import Flag, Mailbox, Need, SpecialUse
from odmail.mailbox.search import Criterion, HasFlags
from odmail.message import header
from odweb.delegates.forms import POWERS
from odweb.house import House
from odweb.names import called, called_in_lists
from odweb.sharing.forms import RIGHTS

MOST = 200
"""Of each kind; the numbers are of all."""

_YEAR = timedelta(days=366)
_OCTETS = 8 << 20  # of headers
_ESCAPES = (("\\n", " "), ("\\N", " "), ("\\,", ","), ("\\;", ";"), ("\\\\", "\\"))


class Letter(msgspec.Struct, frozen=True):
    """A message in a list."""

    received: datetime
    sender: str
    subject: str
    folder: str


class Meeting(msgspec.Struct, frozen=True):
    """When something begins."""

    at: datetime
    what: str
    where: str = ""


class Task(msgspec.Struct, frozen=True):
    """Not done yet."""

    what: str
    due: str = ""


class Shared(msgspec.Struct, frozen=True):
    """Who else may do what: in all mail, files or collections, or in one folder or collection."""

    what: str
    who: str
    powers: tuple[str, ...] = ()


class Contents(msgspec.Struct, frozen=True):
    """Lists are cut at `MOST`; counts are of all."""

    folders: tuple[Mailbox, ...]
    unread: tuple[Letter, ...]
    flagged: tuple[Letter, ...]
    drafts: tuple[Letter, ...]
    counts: dict[str, int]
    meetings: tuple[Meeting, ...]
    tasks: tuple[Task, ...]
    shared: tuple[Shared, ...]
    used: int  # octets of files


def contents(house: House, post: Post, reader: AccountId) -> Contents:
    """As `reader`, who holds the post, sees it."""
    account = house.mail(post.id)
    folders = tuple(account.mailboxes(reader))
    outside = {SpecialUse.JUNK, SpecialUse.TRASH, SpecialUse.DRAFTS, SpecialUse.SENT}
    kept = [each for each in folders if each.selectable and each.exists and each.special_use not in outside]
    drafts = [each for each in folders if each.special_use is SpecialUse.DRAFTS and each.exists]
    unread = _letters(account, kept, HasFlags(int(Flag.SEEN), on=False), reader)
    flagged = _letters(account, kept, HasFlags(int(Flag.FLAGGED)), reader)
    begun = _letters(account, drafts, HasFlags(int(Flag.DELETED), on=False), reader)
    now = clock.now()
    with house.collections.open(post.id, first("en", post.title)).view() as view:
        meetings = _meetings(view, now)
        tasks = _tasks(view)
    counts = {"unread": unread[0], "flagged": flagged[0], "drafts": begun[0]}
    counts |= {"meetings": len(meetings), "tasks": len(tasks)}
    return Contents(
        folders=folders,
        unread=unread[1],
        flagged=flagged[1],
        drafts=begun[1],
        counts=counts,
        meetings=tuple(meetings[:MOST]),
        tasks=tuple(tasks[:MOST]),
        shared=tuple(_shared(house, post)),
        used=house.drives.open(post.id).room().used,
    )


def _letters(
    account: MailAccount, folders: Iterable[Mailbox], wanted: Criterion, reader: str
) -> tuple[int, tuple[Letter, ...]]:
    """How many there are, and the newest of them."""
    number = 0
    found: list[Letter] = []
    for folder in folders:
        uids = account.search(Search(folder.id, wanted, reader)).uids
        number += len(uids)
        ranges = [(uid, uid) for uid in uids[-MOST:]]
        if ranges:
            rows = account.fetch(Fetch(folder.id, ranges, Need.HEADER | Need.DATES, reader, octets=_OCTETS))
            found += [_letter(row.header, row.received, folder.name) for row in rows]
    newest = sorted(found, key=lambda letter: letter.received, reverse=True)
    return number, tuple(newest[:MOST])


def _letter(block: bytes, received: int, folder: str) -> Letter:
    sender, subject = header.value(block, "From") or "", header.value(block, "Subject") or ""
    return Letter(datetime.fromtimestamp(received, UTC), sender[:120], subject[:200], folder)


def _meetings(view: View, now: datetime) -> list[Meeting]:
    found: list[Meeting] = []
    until = now + _YEAR
    span = int(now.timestamp()), int(until.timestamp())
    for collection in _with(view, "VEVENT"):
        zone = view.zone(collection)
        items = [item for item, _sure in view.in_range(collection, Range("VEVENT", *span, zone))]
        for octets in view.octets(items).values():
            for each in _happening(octets, until, zone):
                if span[0] <= each.span[0] < span[1]:
                    at = datetime.fromtimestamp(each.span[0], UTC)
                    found.append(Meeting(at, _text(each.part, "SUMMARY"), _text(each.part, "LOCATION")))
    return sorted(found, key=lambda meeting: meeting.at)


def _happening(octets: bytes, until: datetime, zone: tzinfo) -> list[Happening]:
    """What cannot be understood is in no report, and spoils none."""
    try:
        return happenings(components(octets), until, zone)
    except Fault as fault:
        if fault.kind not in (Kind.BAD_REQUEST, Kind.LIMIT):
            raise
        return []


def _tasks(view: View) -> list[Task]:
    found: list[Task] = []
    for collection in _with(view, "VTODO"):
        items = [item for item in view.items(collection) if item.component == "VTODO"]
        for octets in view.octets(items).values():
            for part in components(octets)[0].inner:
                if part.name == "VTODO" and part.text("STATUS") not in ("COMPLETED", "CANCELLED"):
                    found.append(Task(_text(part, "SUMMARY"), _day(part.text("DUE"))))
    return sorted(found, key=lambda task: (not task.due, task.due[6:] + task.due[3:5] + task.due[:2], task.what))


def _with(view: View, component: str) -> Iterator[Collection]:
    """Calendars that may hold such things; what lies in an inbox is in a calendar as well."""
    for each in view.collections():
        if each.kind == "calendar" and component in each.components.split(","):
            yield each


def _text(part: Component, name: str) -> str:
    """RFC 5545 3.3.11"""
    value = part.text(name)
    for written, meant in _ESCAPES:
        value = value.replace(written, meant)
    return value[:200]


def _day(value: str) -> str:
    return f"{value[6:8]}-{value[4:6]}-{value[:4]}" if value[:8].isdigit() and len(value) >= 8 else ""


def _shared(house: House, post: Post) -> Iterator[Shared]:
    """In the words of the language that is active."""
    yield from _delegated(house, post)
    account = house.mail(post.id)
    lists = account.acls()
    for box in account.mailboxes():
        for entry in lists.get(box.id, ()):
            if not entry.negative:
                right = "write" if "i" in entry.rights else "read"
                yield Shared(box.name, called_in_lists(house.directory, entry.subject), (str(RIGHTS[right]),))
    with house.collections.open(post.id, ()).view() as view:
        titles = {each.name: view.title(each) for each in view.collections()}
    folders, collections = Folders(house.register, house.drives), Collections(house.register, house.collections)
    for share in (*folders.given(post), *collections.given(post)):
        who = called_in_lists(house.directory, share.subject)
        yield Shared(titles.get(share.what, share.what), who, (str(RIGHTS[share.right]),))


def _delegated(house: House, post: Post) -> Iterator[Shared]:
    now = int(clock.now().timestamp())
    areas = {MAIL: _("Mail"), FILES: _("Files"), COLLECTIONS: _("Calendar or address book")}
    for area, name in areas.items():
        for given in house.register.delegations_of(area, post.id):
            if given.covers(now):
                powers = tuple(str(word) for power, word in POWERS if power in given.powers)
                yield Shared(name, called(house.directory, given.delegate), powers)
