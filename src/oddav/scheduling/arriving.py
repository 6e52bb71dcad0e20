"""A message arrives in an account: its copy, its inbox, and what answers by itself, in one transaction.  RFC 6638 4"""

import structlog

from odcore import clock, ids
from odcore.errors import Fault, Kind
from oddav.calendar import facts as calendar
from oddav.facts import Facts
from oddav.itip.model import Arrival, Ignored, Received
from oddav.itip.receive import message, receive
from oddav.itip.thing import Thing
from oddav.scheduling.booking import book
from oddav.scheduling.implicit import scheduled, send
from oddav.scheduling.target import default_calendar
from oddav.scheduling.users import User
from oddav.store.model import Collection, Item, Put, Remove
from oddav.store.model import Kind as Holds
from oddav.store.ops import arrivals, put, read, remove
from oddav.store.transaction import Transaction

log = structlog.get_logger()

_MOST_NOTES = 500
"""In an inbox: many programs never empty it."""


def arrive(tx: Transaction, user: User, id: str, octets: bytes, sender: str, language: str) -> None:
    """Once for each `id`; `language` is the sender's. Fault OVER_QUOTA, LIMIT, BAD_REQUEST: it cannot be kept."""
    if not arrivals.is_new(tx, id):
        return
    try:
        told = message(octets)
        found = _kept(tx, told.uid)
        kept = None if found is None else read.octets(tx, [found[1]])[found[1].item]
        arrival = Arrival(octets, sender, user.mine, f"{clock.now():%Y%m%dT%H%M%SZ}")
        received = receive(kept, arrival)
    except Ignored as reason:
        log.info("message_ignored", account=user.id, id=id, reason=str(reason))
        return
    messages = received.messages
    if user.answers and told.method in ("REQUEST", "ADD") and received.octets is not None:
        booked, messages = book(tx, user, received.octets, arrival.now, language)
        received = Received(booked, received.noted)
    _store(tx, user, told, found, received)
    send(tx, messages)
    if received.noted:
        _note(tx, told, octets)
    log.info("message_arrived", account=user.id, id=id, method=told.method)


def _kept(tx: Transaction, uid: str) -> tuple[Collection, Item] | None:
    """The copy that is scheduled; else anything of that UID, which no message may touch."""
    calendars = {each.collection: each for each in tx.collections() if each.kind == Holds.CALENDAR}
    found = [(calendars[key], item) for key, item in read.by_uid(tx, uid) if key in calendars]
    return next((each for each in found if each[1].schedule_tag), found[0] if found else None)


def _store(tx: Transaction, user: User, told: Thing, found: tuple[Collection, Item] | None, received: Received) -> None:
    if received.octets is None:
        return
    facts = calendar.facts(received.octets, calendar.horizon(clock.now()))
    if found is None:
        name = default_calendar(tx, told.first.name)
        if name is None:
            raise Fault(Kind.UNSUPPORTED, "There is no calendar for it.")
        href = f"{ids.uuid7()}.ics"
    else:
        name, href = found[0].name, found[1].href
    put.put(tx, scheduled(Put(name, href, received.octets, facts), received.octets, user))


def _note(tx: Transaction, told: Thing, octets: bytes) -> None:
    """In the inbox."""
    inbox = next((each for each in tx.collections() if each.kind == Holds.INBOX), None)
    if inbox is None:
        return
    if inbox.items >= _MOST_NOTES:
        oldest = min(read.items(tx, inbox), key=lambda item: item.modseq)
        remove.remove(tx, Remove(inbox.name, oldest.href))
    facts = Facts(told.uid, told.first.name)
    put.put(tx, Put(inbox.name, f"{ids.uuid7()}.ics", octets, facts))
