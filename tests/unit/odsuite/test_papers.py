"""What a post holds besides mail, as its archive takes it: items with titles and words, files with folders."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from odcore import clock
from odcore.config.types import Duration, Size
from odcore.ids import AccountId
from oddav.calendar.facts import facts, horizon
from oddav.contacts.facts import facts as card_facts
from oddav.drive.settings import DriveSettings
from oddav.drive.store.drives import Drives
from oddav.drive.store.model import Caller
from oddav.store.first import first
from oddav.store.model import Put
from oddav.store.store import Store
from odsuite.papers import papers

POST = AccountId("0192b1aa-0000-7000-8000-000000000001")
EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART:20260110T100000Z\r\nSUMMARY:Review\\, monthly\r\nLOCATION:Circuit House\r\n"
    "ATTENDEE;CN=Bibhuti Das:mailto:b@odisha.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
CARD = b"BEGIN:VCARD\r\nVERSION:4.0\r\nUID:c\r\nFN:\xe0\xac\xb8\xe0\xac\xb8\xe0\xad\x8d\r\nTEL:0674\r\nEND:VCARD\r\n"
LARGE = b"x" * 100_000


@pytest.fixture
def stores(tmp_path):
    collections = Store(tmp_path, 4, UTC)
    drives = Drives(tmp_path, DriveSettings(Size(1 << 30), Duration(3600)))
    yield collections, drives
    collections.close()
    drives.close()


def put(drive, path, octets):
    incoming = drive.incoming()
    incoming.write(octets)
    drive.put(Caller("anna"), path, incoming, "text/plain")
    incoming.discard()


def test_items_and_files_of_the_tenure_are_told_and_nothing_that_came_after_it(stores, monkeypatch):
    collections, drives = stores
    at = [1_000_000_000]
    monkeypatch.setattr(clock, "timestamp", lambda: at[0])
    home, drive = collections.open(POST, first("en", "Collector")), drives.open(POST)
    old, new = EVENT.format(uid="a").encode(), EVENT.format(uid="b").encode()
    home.put(Put("calendar", "a.ics", old, facts(old, horizon(clock.now()))))
    home.put(Put("contacts", "c.vcf", CARD, card_facts(CARD)))
    drive.mkcol(Caller("anna"), "/Reports")
    put(drive, "/Reports/dam.txt", b"dam")
    put(drive, "/large", LARGE)
    at[0] = 2_000_000_000
    home.put(Put("calendar", "b.ics", new, facts(new, horizon(clock.now()))))
    put(drive, "/new", b"new")
    found = list(papers(collections, drives, POST, datetime.fromtimestamp(1_500_000_000, UTC)))
    assert [(each.area, each.folder, each.title) for each in found] == [
        ("calendar", "Collector: Calendar", "Review, monthly"),
        ("contacts", "Collector: Contacts", "ସସ୍"),
        ("files", "/Reports", "dam.txt"),
        ("files", "/", "large"),
    ]
    assert [each.octets for each in found] == [old, CARD, b"dam", None]
    assert Path(found[3].blob[0]).read_bytes() == LARGE
    assert "Circuit House" in found[0].words
    assert "Bibhuti Das" in found[0].words
    assert found[1].words == "0674"


def test_a_post_that_never_had_any_gets_none_by_being_looked_at(stores, tmp_path):
    assert list(papers(*stores, POST, clock.now())) == []
    assert list(tmp_path.iterdir()) == []
