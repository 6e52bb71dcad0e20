"""The queue, what became of a message, and what others report: by the same use cases as the command line."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from odcore import clock
from odcore.errors import Fault, Kind
from odmail.delivery.steering import Steering
from odmail.history.trace import Story, Wanted, trace
from odmail.queue.model import Queued, State, Status
from odweb.bureau.agency import agency_only
from odweb.bureau.events import step
from odweb.project.request import Asked
from odweb.staff.views import rights_of

_MOST = 200
_STORIES = 30
_DAYS = 30
_ACTIONS: Mapping[str, Callable[[Steering, Sequence[str]], int]] = {
    "retry": Steering.retry,
    "hold": Steering.hold,
    "release": Steering.release,
    "bounce": lambda steering, chosen: steering.bounce(chosen, "returned by the postmaster"),
}


@require_safe
@agency_only
def queue(request: Asked) -> HttpResponse:
    """What waits, oldest first."""
    text, status = _asked(request, "q"), request.GET.get("status", "")
    wanted = Status(status) if status in list(Status) else None
    steering = _steering(request)
    found = steering.list(text, wanted, _MOST)
    closed = [(each, _time(each.until)) for each in steering.destinations(_MOST) if each.state is not State.OPEN]
    shown = {"found": [(each, _time(each.accepted), _waits(each)) for each in found], "text": text, "status": status}
    more = {"closed": closed[:_MOST], "statuses": (Status.WAITING, Status.HELD)}
    return render(request, "bureau/queue.html", shown | more)


@require_POST
@agency_only
def act(request: Asked) -> HttpResponse:
    """On the messages that were chosen."""
    chosen, action = request.POST.getlist("message")[:_MOST], request.POST.get("action", "")
    if action not in _ACTIONS or not chosen:
        raise Fault(Kind.BAD_REQUEST, _("Choose messages, and what to do."))
    done = _ACTIONS[action](_steering(request), chosen)
    messages.success(request, _("Done for so many messages: %(count)s.") % {"count": done})
    return HttpResponseRedirect(reverse("queue"))


@require_safe
@agency_only
def follow(request: Asked) -> HttpResponse:
    """From the connection to the folder. Whoever looks is in the audit trail."""
    text = _asked(request, "q")
    stories: list[Story] = []
    if text:
        house = request.house
        stories = trace(house.history, house.trail.record, request.who.person.id, Wanted(text, most=_STORIES))
    told = [
        (story.id, [(_time(each.at), step(each.what), _facts(each.facts)) for each in story.events])
        for story in stories
    ]
    return render(request, "bureau/trace.html", {"text": text, "stories": list(reversed(told))})


@require_safe
@agency_only
def reports(request: Asked) -> HttpResponse:
    """Of the last thirty days, on mail in our name and on TLS with our servers."""
    since = clock.timestamp() - _DAYS * 86400
    kept = request.house.reports
    shown = {"sources": kept.sources(since, None)[:_MOST], "obstacles": kept.obstacles(since, None)[:_MOST]}
    return render(request, "bureau/reports.html", shown)


def _asked(request: Asked, name: str) -> str:
    return "".join(filter(str.isprintable, request.GET.get(name, ""))).strip()[:320]


def _told(story: Story) -> list[tuple[datetime, str, list[tuple[str, str]]]]:
    return [(_time(each.at), step(each.what), _facts(each.facts)) for each in story.events]


def _time(instant: float) -> datetime:
    return datetime.fromtimestamp(instant, UTC)


def _waits(message: Queued) -> list[tuple[str, str, int, datetime, str]]:
    return [(each.recipient.address, _state(each.status), each.attempts, _time(each.due), each.last_reply)
            for each in message.recipients]  # fmt: skip


def _state(status: Status) -> str:
    return _("waiting") if status is Status.WAITING else step(status)


def _facts(facts: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(name.replace("_", " "), ", ".join(map(str, value)) if isinstance(value, list) else str(value))
            for name, value in facts.items() if value not in ("", None)]  # fmt: skip


def _steering(request: Asked) -> Steering:
    return request.house.steering(request.who.person.id, rights_of(request))
