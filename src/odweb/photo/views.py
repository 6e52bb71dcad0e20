"""A photograph: looked at, set, removed."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from odcore.directory.model import Person
from odcore.directory.ops.person import set_photo
from odcore.directory.photo import MOST_SENT
from odcore.errors import Fault, Kind
from odweb.project.request import Asked, signed_in
from odweb.staff.views import person_of


class PhotoForm(forms.Form):
    """A picture; what it is, is told by what is in it."""

    file = forms.FileField(
        label=gettext_lazy("Photograph"),
        help_text=gettext_lazy("A JPEG or PNG of up to 8 MiB. Only the picture is kept: not where it was taken."),
        widget=forms.ClearableFileInput({"accept": "image/jpeg,image/png"}),
    )


@signed_in
def mine(request: Asked) -> HttpResponse:
    """My own; where the house does not let people set it, only to be looked at."""
    own = request.who.person
    may = request.house.own_photo
    return _page(request, own, may, reverse("photo"), reverse("photo-picture"))


@require_safe
@signed_in
def my_picture(request: Asked) -> HttpResponse:
    """As the directory has it."""
    return _picture(request, request.who.person)


@signed_in
def staff(request: Asked, key: str) -> HttpResponse:
    """That of somebody of my offices."""
    _may, found = person_of(request, key)
    picture = reverse("staff-photo-picture", args=[found.id])
    return _page(request, found, True, reverse("staff-photo", args=[found.id]), picture)


@require_safe
@signed_in
def staff_picture(request: Asked, key: str) -> HttpResponse:
    """As the directory has it."""
    return _picture(request, person_of(request, key)[1])


def _page(request: Asked, found: Person, may: bool, here: str, picture: str) -> HttpResponse:
    form = PhotoForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and not may:
        raise Fault(Kind.DENIED, _("Your nodal officer sets your photograph."))
    if request.method == "POST" and "remove" in request.POST:
        set_photo(request.admin, found, b"")
        messages.success(request, _("The photograph is removed."))
        return HttpResponseRedirect(here)
    if request.method == "POST" and form.is_valid() and _set(request, found, form):
        messages.success(request, _("The directory shows this photograph now."))
        return HttpResponseRedirect(here)
    there = bool(request.house.directory.photo(found))
    shown = {"found": found, "form": form, "may": may, "there": there, "picture": picture}
    return render(request, "photo/photo.html", shown, status=400 if form.errors else 200)


def _set(request: Asked, found: Person, form: PhotoForm) -> bool:
    try:
        set_photo(request.admin, found, form.cleaned_data["file"].read(MOST_SENT + 1))
    except Fault as fault:
        wrong = {
            Kind.TOO_BIG: _("This picture is too large: at most 8 MiB, and 25 million points."),
            Kind.BAD_REQUEST: _("This is no JPEG or PNG, or it is broken."),
        }
        if fault.kind not in wrong:
            raise
        form.add_error("file", wrong[fault.kind])
        return False
    return True


def _picture(request: Asked, found: Person) -> HttpResponse:
    octets = request.house.directory.photo(found)
    if not octets:
        raise Fault(Kind.NOT_FOUND, _("There is no photograph."))
    return HttpResponse(octets, "image/jpeg", headers={"Cache-Control": "no-store"})
