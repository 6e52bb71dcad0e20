"""The audit trail, to be read: nothing here changes it."""

from datetime import UTC, datetime, time
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from odcore.directory.lookup import is_id
from odcore.errors import Fault, Kind
from odweb.bureau.agency import agency_only
from odweb.bureau.events import named, shown_fact
from odweb.bureau.forms import AuditForm
from odweb.names import called
from odweb.project.request import Asked

_MOST = 300


@require_safe
@agency_only
def audit(request: Asked) -> HttpResponse:
    """The newest rows first."""
    form = AuditForm(request.GET or None)
    given: dict[str, Any] = form.cleaned_data if form.is_valid() else {"key": "", "event": "", "since": None}
    since = ""
    if given["since"]:
        begins = timezone.make_aware(datetime.combine(given["since"], time()))
        since = begins.astimezone(UTC).isoformat()
    about = frozenset((_id(request, given["key"].strip()),)) if given["key"] else frozenset()
    rows = request.house.trail.events(since=since, event=given["event"], about=about, most=_MOST)
    names: dict[str, str] = {}
    shown = [
        (row.number, datetime.fromisoformat(row.at), named(row.event), _name(request, row.actor, names),
         _name(request, row.subject, names), [(name, shown_fact(each)) for name, each in sorted(row.facts.items())])
        for row in reversed(rows)
    ]  # fmt: skip
    return render(request, "bureau/audit.html", {"rows": shown, "form": form})


def _id(request: Asked, key: str) -> str:
    directory = request.house.directory
    for find in (directory.person, directory.post, directory.group):
        try:
            return find(key).id
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise
    return key


def _name(request: Asked, key: str, known: dict[str, str]) -> str:
    """Each looked up once; what is no id of an entry stays as it is written."""
    if key not in known:
        known[key] = called(request.house.directory, key) if is_id(key) else key
    return known[key]
