"""A domain's new DKIM keys in steps: published, in use, the old ones retired, gone.  RFC 6376 3.6.1, RFC 8463 5

Each call takes the one step that is due, so that it may be called twice, by two people, or after a crash:

    nothing under way      make a pair that waits; its records are to be published
    a pair waits           when the DNS shows it: it signs, and the pairs before are retired
    a retired pair's time is not over    nothing: mail it signed is still under way
    ... is over            delete it; its records may leave the DNS
"""

import enum

import msgspec

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.net.dns import Resolver
from odmail.trust.dkim_keys import Key, Keys, Rotation
from odmail.trust.dkim_published import objection

IN_FLIGHT = 14 * 86400
"""Seconds a retired key's record must stay: five days in somebody's queue, and then a holiday until it is verified."""


class Step(enum.StrEnum):
    """What was done."""

    MADE = "made"
    UNSEEN = "unseen"  # nothing: the DNS does not show the waiting pair
    SWITCHED = "switched"
    IN_FLIGHT = "in-flight"  # nothing: mail signed by the pair before is under way
    RETIRED = "retired"


class Progress(msgspec.Struct, frozen=True):
    """One step, the keys it is about, and what stands in its way."""

    step: Step
    keys: tuple[Key, ...]
    objections: tuple[str, ...] = ()
    until: int = 0  # the retired pair's records are needed


def rotate(keys: Keys, domain: str, resolver: Resolver) -> Progress:
    """The step that is due. Fault NOT_FOUND when there is nothing to rotate."""
    rotation = keys.rotation(domain)
    if rotation.waiting:
        return _switch(keys, domain, resolver)
    if rotation.retired:
        return _retire(keys, domain, rotation)
    return _make(keys, domain)


def _make(keys: Keys, domain: str) -> Progress:
    """Named as waiting before they are there: no key ever signs by accident."""
    if not keys.of(domain):
        raise Fault(Kind.NOT_FOUND, f"{domain} has no keys yet: odmail dkim generate makes the first.")
    selectors = keys.fresh(domain)
    keys.note(domain, Rotation(waiting=selectors))
    return Progress(Step.MADE, keys.make(domain, selectors))


def _switch(keys: Keys, domain: str, resolver: Resolver) -> Progress:
    rotation = keys.rotation(domain)
    pair = tuple(key for key in keys.of(domain) if key.selector in rotation.waiting)
    if len(pair) < len(rotation.waiting):  # cut short while they were made
        keys.forget(domain, rotation.waiting)
        keys.note(domain, Rotation(retired=rotation.retired))
        return _make(keys, domain)
    found = [(key, objection(key, resolver)) for key in pair]
    unseen = tuple(f"{key.record_name} {reason}" for key, reason in found if reason)
    if unseen:
        return Progress(Step.UNSEEN, pair, unseen)
    until = clock.timestamp() + IN_FLIGHT
    before = {key.selector: until for key in keys.of(domain) if key not in pair}
    keys.note(domain, Rotation(retired=before))
    return Progress(Step.SWITCHED, pair, until=until)


def _retire(keys: Keys, domain: str, rotation: Rotation) -> Progress:
    until = max(rotation.retired.values())
    old = tuple(key for key in keys.of(domain) if key.selector in rotation.retired)
    if clock.timestamp() < until:
        return Progress(Step.IN_FLIGHT, old, until=until)
    keys.forget(domain, tuple(rotation.retired))
    keys.note(domain, Rotation())
    return Progress(Step.RETIRED, old)
