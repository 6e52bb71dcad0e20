"""Notes of one account as their two kinds of apps see them, and the bridge between."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from odcore.notes import Note
from oddav.calendar.facts import facts, horizon
from oddav.content import components, escaped, unescaped
from oddav.notes import journal
from oddav.notes.bridge import Bridge
from oddav.scheduling.users import User
from oddav.store.first import first
from oddav.store.model import Put, Remove
from oddav.store.store import Store
from odmail.mailbox.api import Append, Expunge, Fetch, StoreFlags
from odmail.mailbox.model import Flag, Need
from odmail.notes import letter
from odmail.notes.folder import NotesFolder, _part
from odtest.store import ALICE, EVERY, Shelf, new

AUTHOR = ("ମୀନା Das", "meena@odisha.example")
NOW = 1_780_000_000


def apple(key, title, *lines, more=""):
    """As Apple Notes writes it."""
    divisions = "".join(f"<div>{line or '<br>'}</div>" for line in (title, *lines))
    return (
        "From: Meena Das <meena@odisha.example>\r\nX-Uniform-Type-Identifier: com.apple.mail-note\r\n"
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
        "Mime-Version: 1.0 (iOS/12.5.7 \\(16H81\\) dataaccessd/1.0)\r\nDate: Tue, 10 Mar 2026 10:00:00 +0530\r\n"
        f"X-Mail-Created-Date: Mon, 9 Mar 2026 10:00:00 +0530\r\nSubject: {title}\r\n"
        f"X-Universally-Unique-Identifier: {key}\r\nMessage-Id: <{key}@icloud.example>\r\n\r\n"
        f'<html><head></head><body style="word-wrap: break-word;">{divisions}{more}</body></html>'
    ).encode()


class Desk:
    """Both stores of ALICE in one folder."""

    def __init__(self, folder, quota=0):
        self.quota = quota  # of the collections
        self.shelf = Shelf(folder)
        self.heard = []
        self.store = Store(folder, 4, ZoneInfo("Asia/Kolkata"), self.heard.append)
        self.mail = self.shelf.open()
        self.home = self.store.open(ALICE, first("en"))
        self.folder = NotesFolder(self.shelf.store, lambda _: AUTHOR, "mail.odisha.example")

    def bridge(self, folder=None):
        user = User(ALICE, *AUTHOR, quota=self.quota)
        return Bridge(self.store, folder or self.folder, lambda _: user, lambda: [ALICE])

    def settle(self, most=30):
        """As the hints say, until there are none: each asks for a look."""
        bridge = self.bridge()
        more = True
        for _ in range(most):
            if not (more or self.heard or self.shelf.hints):
                return
            self.heard.clear()
            self.shelf.hints.clear()
            more = bridge.look(ALICE)
        raise AssertionError("the two sides never come to rest")

    @property
    def box(self):
        return self.mail.mailbox("Notes").id

    def letters(self):
        """Notes in the mailbox: uid, key, note."""
        rows = self.mail.fetch(Fetch(self.box, EVERY, Need.HEADER | Need.PART | Need.BODY | Need.SIZE))
        return [
            (row.uid, letter.key(row), letter.read(row.header, _part(row.part), row.body.read))
            for row in rows
            if not row.flags & Flag.DELETED and letter.key(row)
        ]

    def append(self, octets):
        return self.mail.append(Append("Notes", [new(octets)])).uids[0]

    def expunge(self, uid, marked=False):
        if marked:
            self.mail.store(StoreFlags(self.box, [(uid, uid)], "add", Flag.DELETED))
        else:
            self.mail.expunge(Expunge(self.box, [(uid, uid)], marked=False))

    def journals(self):
        """By name: the note, and its octets."""
        with self.home.view() as view:
            items = view.items(view.collection("notes"))
            octets = view.octets(items)
        return {each.href: (journal.read(octets[each.item]), octets[each.item]) for each in items}

    def put(self, href, title, text, uid=None):
        """As jtx Board does."""
        octets = (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:jtx\r\nBEGIN:VJOURNAL\r\n"
            f"UID:{uid or href}\r\nDTSTAMP:20260310T043000Z\r\nCATEGORIES:office,a\r\nSUMMARY:{escaped(title)}\r\n"
            f"DESCRIPTION:{escaped(text)}\r\nX-JTX:a,b\r\nEND:VJOURNAL\r\nEND:VCALENDAR\r\n"
        ).encode()
        self.home.put(Put("notes", href, octets, facts(octets, horizon(datetime(2026, 1, 1, tzinfo=UTC)))))

    def remove(self, href):
        self.home.remove(Remove("notes", href))

    def close(self):
        breaches = self.store.breaches(ALICE)
        self.store.close()
        self.shelf.store.close()
        assert breaches == []


def lines(octets):
    """Of a journal: properties by name."""
    part = components(octets)[0].inner[0]
    return {each.name: unescaped(each.value) for each in part.lines}


__all__ = ["Desk", "Note", "apple", "lines"]
