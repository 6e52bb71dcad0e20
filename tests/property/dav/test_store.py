"""A client that follows sync tokens, in pages of any size, ends with what is there; invariants hold throughout."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from odcore.errors import Fault, Kind
from oddav.calendar.facts import facts
from oddav.store import model
from oddav.store.check import check
from oddav.store.model import Create, Move, Put, Remove
from oddav.store.store import Store

ACCOUNT = "12345678-1234-1234-1234-123456789012"
COLLECTIONS, HREFS = ["one", "two"], ["a", "b", "c"]
NAMED = (st.sampled_from(COLLECTIONS), st.sampled_from(HREFS))


def octets(uid, text):
    lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", f"UID:{uid}", "DTSTART:20260101T000000Z", f"X-T:{text}", "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


class Machine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(Path(self.folder.name), 4, ZoneInfo("Asia/Kolkata"))
        first = tuple(Create(name, model.Kind.CALENDAR, "VEVENT") for name in COLLECTIONS)
        self.home = self.store.open(ACCOUNT, first)
        self.model = {name: {} for name in COLLECTIONS}  # octets by href
        self.seen = {name: ({}, "") for name in COLLECTIONS}  # what a client has, and its token

    @rule(collection=NAMED[0], href=NAMED[1], uid=st.sampled_from("uvw"), text=st.text(max_size=3, alphabet="xyଓ,\\"))
    def put(self, collection, href, uid, text):
        body, box = octets(uid, text), self.model[collection]
        uids = {name: each.split(b"UID:")[1][:1] for name, each in box.items()}
        conflict = any(each == uid.encode() and name != href for name, each in uids.items())
        conflict = conflict or uids.get(href, uid.encode()) != uid.encode()
        try:
            stored = self.home.put(Put(collection, href, body, facts(body, datetime(2028, 1, 1, tzinfo=UTC))))
        except Fault as fault:
            refused = fault.kind
        else:
            refused = None
        assert refused is (Kind.EXISTS if conflict else None)
        if conflict:
            return
        assert stored.created is (href not in box)
        box[href] = body

    @rule(collection=NAMED[0], href=NAMED[1])
    def remove(self, collection, href):
        assert self.home.remove(Remove(collection, href)) is (self.model[collection].pop(href, None) is not None)

    @rule(collection=NAMED[0], href=NAMED[1], to=NAMED[0], to_href=NAMED[1])
    def move(self, collection, href, to, to_href):
        try:
            self.home.move(Move(collection, href, to, to_href))
        except Fault:
            return
        self.model[to][to_href] = self.model[collection].pop(href)

    @rule(collection=NAMED[0])
    def make_anew(self, collection):
        self.home.remove_collection(collection)
        self.home.create(Create(collection, model.Kind.CALENDAR, "VEVENT"))
        self.model[collection] = {}

    @rule(collection=NAMED[0], most=st.integers(1, 4))
    def follow(self, collection, most):
        has, token = self.seen[collection]
        more = True
        while more:
            with self.home.view() as view:
                row = view.collection(collection)
                try:
                    changes = view.changes(row, token, most)
                except Fault:  # made anew meanwhile: the client, too, begins anew
                    has, token = {}, ""
                    continue
            for item in changes.changed:
                has[item.href] = item.etag
            for href in changes.gone:
                has.pop(href, None)
            token, more = changes.token, changes.more
        self.seen[collection] = (has, token)
        with self.home.view() as view:
            assert has == {item.href: item.etag for item in view.items(view.collection(collection))}

    @invariant()
    def holds(self):
        assert self.home.read(check) == []
        with self.home.view() as view:
            for name, box in self.model.items():
                items = view.items(view.collection(name))
                found = view.octets(items)
                assert {item.href: found[item.item] for item in items} == box

    def teardown(self):
        self.store.close()
        self.folder.cleanup()


TestStore = Machine.TestCase
TestStore.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
