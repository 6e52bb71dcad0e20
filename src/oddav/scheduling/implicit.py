"""Implicit scheduling: a writing in a calendar, and in the same transaction the messages that follow.  RFC 6638 3.2"""

from collections.abc import Callable

import msgspec

from odcore import clock, ids
from odcore.errors import Fault, Kind
from oddav.calendar import facts as calendar
from oddav.itip import attendee, organizer
from oddav.itip.model import Change, Message, Saved, Unmet
from oddav.itip.thing import Thing, plain, read, replace
from oddav.scheduling.hint import SchedulingWork
from oddav.scheduling.pending import Pending
from oddav.scheduling.tag import role, tag
from oddav.scheduling.users import User, Users
from oddav.store.model import Collection, Item, Put, Remove, Stored
from oddav.store.ops import outgoing, put, remove
from oddav.store.ops import read as rows
from oddav.store.store import Home
from oddav.store.transaction import Transaction, check_match

Publish = Callable[[msgspec.Struct], None]

_MOST_INVITED = 1000


class Wishes(msgspec.Struct, frozen=True):
    """What a request says of scheduling."""

    if_tag: tuple[str, ...] = ()  # If-Schedule-Tag-Match
    reply: bool = True  # Schedule-Reply
    person: str = ""  # whose program it is: the primary address of the person who signed in
    actor: frozenset[str] = frozenset()  # all addresses of that person
    posts: frozenset[str] = frozenset()  # the addresses of posts held


class Elsewhere(Exception):
    """The same thing is in another calendar: its collection and name.  RFC 6638 3.2.4.1"""

    def __init__(self, collection: str, href: str) -> None:
        super().__init__(href)
        self.collection = collection
        self.href = href


class Implicit:
    """Writes to calendars. Everything else about them is the store's."""

    def __init__(self, users: Users, pending: Pending, publish: Publish) -> None:
        self._users = users
        self._pending = pending
        self._publish = publish

    def put(self, home: Home, user: User, options: Put, wishes: Wishes) -> Stored:
        """As `Home.put`; also Unmet, Elsewhere."""
        thing, octets = _acting(options.octets, user, wishes)
        if thing is not None and len(thing.invited()) > _MOST_INVITED:
            raise Unmet("max-attendees-per-instance")
        if thing is not None and not role(thing, user.mine) and thing.organizer in wishes.posts:
            raise Unmet("allowed-organizer-scheduling-object-change")  # a post invites from its own calendar
        if not role(thing, user.mine) and not _is_scheduled(home, options.collection, options.href):
            if wishes.if_tag:
                raise Fault(Kind.CONFLICT, "The resource has no such Schedule-Tag.")
            return home.put(options)
        known = {} if thing is None else self._known(thing)
        self._pending.mark(user.id)
        stored = home.write(lambda tx: _put(tx, user, options, octets, wishes, known))
        self._publish(SchedulingWork(user.id))
        return stored

    def remove(self, home: Home, user: User, options: Remove, wishes: Wishes) -> bool:
        """As `Home.remove`: the invited, or the organizer, are told."""
        if not _is_scheduled(home, options.collection, options.href):
            if wishes.if_tag:
                raise Fault(Kind.CONFLICT, "The resource has no such Schedule-Tag.")
            return home.remove(options)
        self._pending.mark(user.id)
        removed = home.write(lambda tx: _remove(tx, user, options, wishes))
        self._publish(SchedulingWork(user.id))
        return removed

    def remove_collection(self, home: Home, user: User, name: str) -> None:
        """As if each were removed."""
        with home.view() as view:
            scheduled = any(each.schedule_tag for each in view.items(view.collection(name)))
        if scheduled:
            self._pending.mark(user.id)
        home.write(lambda tx: _remove_collection(tx, user, name))
        if scheduled:
            self._publish(SchedulingWork(user.id))

    def _known(self, thing: Thing) -> dict[str, str]:
        return {each: self._users.status(each) for each in {*thing.invited(), thing.organizer}}


def _is_scheduled(home: Home, collection: str, href: str) -> bool:
    with home.view() as view:
        found = next((each for each in view.collections() if each.name == collection), None)
        item = None if found is None else view.item(found, href)
    return item is not None and bool(item.schedule_tag)


def _acting(octets: bytes, user: User, wishes: Wishes) -> tuple[Thing | None, bytes]:
    """In a post's calendar the post invites, and in an officer's the officer, whoever writes there.

    Programs only know the address of whoever signed in. Who is neither the officer nor the post's holder is named as
    SENT-BY (RFC 5545 3.2.18).
    """
    thing = read(octets)
    if thing is None or not user.mine.isdisjoint(wishes.actor):
        return thing, octets
    is_taken_over = thing.organizer in wishes.actor and user.mine.isdisjoint(thing.invited())
    is_signed = (is_taken_over or thing.organizer in user.mine) and _is_for_another(user, wishes)
    if is_taken_over:
        _take_over(thing, thing.organizer, user)
    if is_signed:
        _sign(thing, f"mailto:{wishes.person}")
    return thing, thing.octets() if is_taken_over or is_signed else octets


def _is_for_another(user: User, wishes: Wishes) -> bool:
    """Does somebody write who is neither the officer nor the post's holder?"""
    return bool(wishes.person) and user.mine.isdisjoint(wishes.actor | wishes.posts)


def _take_over(thing: Thing, person: str, user: User) -> None:
    for part in thing.parts.values():
        for each in [*part.all("ORGANIZER"), *part.all("ATTENDEE")]:
            if plain(each.value) == person:
                replace(part, each, each.having(CN=user.name).valued(f"mailto:{user.addresses[0]}"))


def _sign(thing: Thing, person: str) -> None:
    for part in thing.parts.values():
        for each in part.all("ORGANIZER"):
            replace(part, each, each.having(SENT_BY=person))


def _put(tx: Transaction, user: User, options: Put, given: bytes, wishes: Wishes, known: dict[str, str]) -> Stored:
    collection = tx.collection(options.collection)
    before = tx.find_item(collection, options.href)
    check_match(before, options.if_match, options.if_none_match)
    _check_tag(before, wishes)
    put.check_uid(tx, collection, options.href, options.facts.uid)
    _check_unique(tx, collection, options)
    thing = read(given)
    if thing is not None and len({plain(each.text("ORGANIZER")) for each in thing.parts.values()}) > 1:
        raise Unmet("same-organizer-in-all-components")
    change = _change(tx, user, before, given if role(thing, user.mine) else None, wishes, known)
    stored = put.put(tx, scheduled(options, change.octets or given, user))
    send(tx, change.messages)
    return msgspec.structs.replace(stored, verbatim=(change.octets or given) == options.octets)


def scheduled(options: Put, octets: bytes, user: User) -> Put:
    """With what is to be stored, and its Schedule-Tag. Fault LIMIT, BAD_REQUEST."""
    thing = read(octets)
    told = tag(thing, user.mine) if thing is not None and role(thing, user.mine) else ""
    facts = options.facts
    if octets != options.octets:
        facts = calendar.facts(octets, calendar.horizon(clock.now()))
    return msgspec.structs.replace(options, octets=octets, facts=facts, schedule_tag=told)


def _check_tag(before: Item | None, wishes: Wishes) -> None:
    if wishes.if_tag and (before is None or before.schedule_tag not in wishes.if_tag):
        raise Fault(Kind.CONFLICT, "The resource has changed meanwhile.")


def _check_unique(tx: Transaction, collection: Collection, options: Put) -> None:
    """One copy in all calendars of an account."""
    names = {each.collection: each.name for each in tx.collections() if each.kind == collection.kind}
    for key, item in rows.by_uid(tx, options.facts.uid):
        if key != collection.collection and key in names and item.schedule_tag:
            raise Elsewhere(names[key], item.href)


def _change(
    tx: Transaction,
    user: User,
    before: Item | None,
    new: bytes | None,
    wishes: Wishes,
    known: dict[str, str] | None = None,
) -> Change:
    """What the object's other users learn; `new` is None where it is no longer a matter of scheduling.

    Nothing is `known` of where messages go when the object itself goes away.
    """
    old = rows.octets(tx, [before])[before.item] if before is not None and before.schedule_tag else None
    saved = Saved(
        old,
        new,
        user.mine,
        f"{clock.now():%Y%m%dT%H%M%SZ}",
        known or {},
        merged=bool(wishes.if_tag),
        silent=not wishes.reply,
        signed=f"mailto:{wishes.person}" if _is_for_another(user, wishes) else "",
    )
    was, is_ = (role(None if each is None else read(each), user.mine) for each in (old, new))
    if was == "attendee" and is_ != "attendee" and known is not None:
        raise Unmet("allowed-attendee-scheduling-object-change")
    if was == "organizer" and is_ == "attendee":
        raise Unmet("allowed-organizer-scheduling-object-change")
    if not was and not is_:
        return Change(None, ())
    return organizer.change(saved) if "organizer" in (was, is_) else attendee.change(saved)


def _remove(tx: Transaction, user: User, options: Remove, wishes: Wishes) -> bool:
    collection = tx.collection(options.collection)
    before = tx.find_item(collection, options.href)
    check_match(before, options.if_match)
    if before is not None:
        _check_tag(before, wishes)
        send(tx, _change(tx, user, before, None, wishes).messages)
    return remove.remove(tx, options)


def _remove_collection(tx: Transaction, user: User, name: str) -> None:
    for item in rows.items(tx, tx.collection(name)):
        if item.schedule_tag:
            send(tx, _change(tx, user, item, None, Wishes()).messages)
    remove.remove_collection(tx, name)


def send(tx: Transaction, messages: tuple[Message, ...]) -> None:
    """On their way with this transaction; the caller has left a mark before."""
    for each in messages:
        outgoing.add(tx, ids.readable(20), each.method, each.sender, each.to, each.octets)
