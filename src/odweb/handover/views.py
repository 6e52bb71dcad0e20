"""My posts: what lies in each, and the charge report. Only those who hold a post see what is in it."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from odcore import clock
from odcore.directory.model import Charge, Post
from odcore.errors import Fault, Kind
from odweb import pdf
from odweb.handover.contents import contents
from odweb.project.configure import LANGUAGES
from odweb.project.request import Asked, signed_in


@require_safe
@signed_in
def overview(request: Asked) -> HttpResponse:
    """The posts I hold."""
    now = clock.now()
    mine = [(post, _charge(post, request, now)) for post in request.house.access.posts(request.who)]
    return render(request, "handover/overview.html", {"held": mine})


@require_safe
@signed_in
def show(request: Asked, key: str) -> HttpResponse:
    """What would be handed over now."""
    post = held(request, key)
    shown = {
        "post": post,
        "charge": _charge(post, request, clock.now()),
        "found": contents(request.house, post, request.who.person.id),
        "languages": LANGUAGES,
    }
    return render(request, "handover/show.html", shown)


@require_safe
@signed_in
def report(request: Asked, key: str) -> HttpResponse:
    """The same on paper, to be signed by both."""
    post = held(request, key)
    language = request.GET.get("language", "en")
    if language not in dict(LANGUAGES):
        raise Fault(Kind.BAD_REQUEST, _("The request could not be understood."))
    now = clock.now()
    with override(language):
        found = contents(request.house, post, request.who.person.id)
    facts = {
        "post": post,
        "title": post.names.get(language) or post.title,
        "holder": request.who.person.names.get(language) or request.who.person.name,
        "office": _office(request, post, language),
        "charge": _charge(post, request, now),
        "found": found,
        "now": now,
        "site": request.house.services().domains[0],
    }
    octets = pdf.document("handover/report.html", facts, language)
    request.house.trail.record("charge-report", request.who.person.id, post.id, language=language)
    response = HttpResponse(octets, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="charge-report-{language}.pdf"'
    return response


def held(request: Asked, key: str) -> Post:
    """Who does not hold it is told the same as for a post that is not there."""
    for post in request.house.access.posts(request.who):
        if post.id == key:
            return post
    raise Fault(Kind.NOT_FOUND, _("You hold no such post."))


def _charge(post: Post, request: Asked, now: datetime) -> Charge | None:
    mine = (each for each in post.charges if each.person == request.who.person.id and each.covers(now))
    return next(mine, None)


def _office(request: Asked, post: Post, language: str) -> str:
    if not post.office:
        return ""
    office = request.house.directory.office(post.office)
    return office.names.get(language) or office.name
