"""The queue and the paths of messages, for those who administer everything: the use cases of the pages and commands."""

from ninja import Router

from odmail.delivery.steering import Steering
from odmail.history.trace import Wanted, trace
from odmail.queue.model import Status
from odweb.api.entry import Token, rights_of
from odweb.api.queue_shapes import (
    Chosen,
    Destination,
    Done,
    GivenBack,
    Instant,
    Looked,
    Most,
    Queued,
    Rerouted,
    Story,
)
from odweb.api.shapes import Problem
from odweb.project.request import Asked

router = Router(tags=["queue"], auth=Token("queue"))


@router.get("/queue", response=list[Queued])
def messages(request: Asked, text: Looked = "", status: Status | None = None, most: Most = 200) -> list[Queued]:
    """Oldest first; `text` is part of an id or an address."""
    return [Queued.of(each) for each in _steering(request).list(text, status, most)]


@router.get("/destinations", response=list[Destination])
def destinations(request: Asked, most: Most = 200) -> list[Destination]:
    """Where mail waits to go, most mail first, and all that turned us away."""
    return [Destination.of(each) for each in _steering(request).destinations(most)]


@router.post("/queue/retry", response=Done)
def retry(request: Asked, wanted: Chosen) -> Done:
    """What waits for its next attempt is due now."""
    return Done(count=_steering(request).retry(wanted.messages))


@router.post("/queue/hold", response=Done)
def hold(request: Asked, wanted: Chosen) -> Done:
    """Kept until released."""
    return Done(count=_steering(request).hold(wanted.messages))


@router.post("/queue/release", response=Done)
def release(request: Asked, wanted: Chosen) -> Done:
    """What was held goes on."""
    return Done(count=_steering(request).release(wanted.messages))


@router.post("/queue/bounce", response=Done)
def bounce(request: Asked, wanted: GivenBack) -> Done:
    """Back to the senders, with a report that gives the reason."""
    return Done(count=_steering(request).bounce(wanted.messages, wanted.reason))


@router.post("/queue/reroute", response=Done)
def reroute(request: Asked, wanted: Rerouted) -> Done:
    """What goes to the outside goes by the server `via`, "host:port"; by MX again when it is empty."""
    return Done(count=_steering(request).reroute(wanted.messages, wanted.via))


@router.get("/queue/{key}", response={200: Queued, 404: Problem})
def message(request: Asked, key: str) -> Queued:
    """One, with all recipients and what was answered last."""
    return Queued.of(_steering(request).show(key))


@router.get("/traces", response=list[Story])
def traces(
    request: Asked, text: Looked, since: Instant | None = None, until: Instant | None = None, most: Most = 30
) -> list[Story]:
    """From the connection to the folder, by Message-ID, address or queue id, oldest first. Whoever looks is audited."""
    may = rights_of(request)
    may.require(may.agency)
    house = request.house
    wanted = Wanted(text, since, until, most)
    return [Story.of(each) for each in trace(house.history, house.trail.record, request.who.person.id, wanted)]


def _steering(request: Asked) -> Steering:
    """Fault DENIED."""
    return request.house.steering(request.who.person.id, rights_of(request))
