"""A new post under one of my offices, vacant."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from odcore.directory.model import Post
from odcore.directory.ops.post import AddPost, add_post
from odcore.errors import Fault, Kind
from odweb.apply.offices import places
from odweb.project.request import Asked, signed_in
from odweb.staff.forms import NewPostForm
from odweb.staff.views import rights_of


@signed_in
def new(request: Asked) -> HttpResponse:
    """Its page follows, where somebody is given charge."""
    may = rights_of(request)
    mine = [
        place for place in places(request.house.directory.offices(), get_language() or "en") if place.id in may.offices
    ]
    form = NewPostForm(mine, request.POST or None)
    if request.method == "POST" and form.is_valid() and (made := _made(request, form)):
        messages.success(request, _("The post is there. Give somebody charge of it."))
        return HttpResponseRedirect(reverse("staff-post", args=[made.id]))
    return render(request, "staff/new_post.html", {"form": form}, status=400 if form.errors else 200)


def _made(request: Asked, form: NewPostForm) -> Post | None:
    given = form.cleaned_data
    names = {"or": given["odia"]} if given["odia"] else {}
    try:
        return add_post(
            request.admin, AddPost(cn=given["cn"], title=given["title"], names=names, office=given["office"])
        )
    except Fault as fault:
        if fault.kind is Kind.EXISTS:
            form.add_error("cn", _("This address belongs to somebody already."))
        elif fault.kind in (Kind.BAD_REQUEST, Kind.DENIED):
            form.add_error("cn", _("This name cannot be an address: take another."))
        else:
            raise
        return None
