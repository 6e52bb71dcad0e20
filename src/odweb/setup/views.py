"""Choose a device, name it, and get what it needs: the password is in the answer to the form, this once."""

import segno
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from odcore.directory.model import Post
from odcore.directory.ops.device import AddDevicePassword, add_device_password
from odcore.errors import Fault
from odcore.errors import Kind as FaultKind
from oddav.ldap.tree import naming_context
from odweb.discovery import mobileconfig
from odweb.discovery.mobileconfig import Owner
from odweb.me.forms import MailboxForm
from odweb.names import named
from odweb.project.request import Asked, signed_in
from odweb.setup import drive_files, mobile_code
from odweb.setup.drive_files import Place
from odweb.setup.kinds import KINDS, Kind


@require_safe
@signed_in
def choose(request: Asked) -> HttpResponse:
    """What do you have?"""
    return render(request, "setup/choose.html", {"kinds": KINDS.values()})


@signed_in
def one(request: Asked, kind: str) -> HttpResponse:
    """For one's own mailbox, or for a post one holds."""
    chosen = KINDS.get(kind)
    if chosen is None:
        raise Fault(FaultKind.NOT_FOUND, _("There is no such page."))
    posts = request.house.access.posts(request.who)
    form = MailboxForm(posts, named(request.who.person), request.POST or None, initial={"name": chosen.title})
    if request.method == "POST" and form.is_valid():
        post = _held(request, form.cleaned_data["account"])
        owner = _password(request, chosen, post, form.cleaned_data["name"])
        return _profile(request, owner) if kind == "apple" else _ready(request, chosen, post, owner)
    here = request.house.link(reverse("setup-device", args=[kind]))
    shown = {"kind": chosen, "form": form, "here": here, "picture": _picture(here) if kind == "apple" else ""}
    return render(request, "setup/device.html", shown, status=400 if form.errors else 200)


@require_safe
@signed_in
def drive_file(request: Asked, name: str) -> HttpResponse:
    """To be opened on the computer that shall have the drive."""
    write = drive_files.FILES.get(name)
    if write is None:
        raise Fault(FaultKind.NOT_FOUND, _("There is no such page."))
    post = _held(request, request.GET.get("account", ""))
    account = post.id if post else request.who.person.id
    octets = write(_place(request, request.house.directory.account(account).address))
    response = HttpResponse(octets, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _held(request: Asked, account: str) -> Post | None:
    """None is one's own mailbox. Whether a post is not held or not there is told in the same words."""
    if not account:
        return None
    for post in request.house.access.posts(request.who):
        if post.id == account:
            return post
    raise Fault(FaultKind.NOT_FOUND, _("You hold no such post."))


def _password(request: Asked, kind: Kind, post: Post | None, name: str) -> Owner:
    person = request.who.person
    wanted = AddDevicePassword(person=person, name=name, post=post, scopes=kind.scopes)
    device, secret = add_device_password(request.admin, wanted)
    return Owner(request.house.directory.account(device.account).address, post.title if post else person.name, secret)


def _profile(request: Asked, owner: Owner) -> HttpResponse:
    """Signed, with the password inside."""
    octets = mobileconfig.profile(request.house.services(), owner, _("Government mail and calendar"))
    certificate, key = (path.read_bytes() for path in request.house.certificate)
    response = HttpResponse(mobileconfig.sign(octets, certificate, key), content_type=mobileconfig.CONTENT_TYPE)
    response["Content-Disposition"] = 'attachment; filename="odmail.mobileconfig"'
    return response


def _ready(request: Asked, kind: Kind, post: Post | None, owner: Owner) -> HttpResponse:
    house = request.house
    services = house.services()
    code = mobile_code.payload(services, owner) if kind.id == "android" else ""
    shown = {
        "kind": kind,
        "owner": owner,
        "services": services,
        "dav": house.link("/dav/"),
        "base": naming_context(services.domains[0]),
        "server": house.link(""),
        "place": _place(request, owner.address),
        "account": post.id if post else "",
        "picture": _picture(code) if code else "",
    }
    return render(request, f"setup/ready/{kind.id}.html", shown)


def _place(request: Asked, login: str) -> Place:
    return Place(request.house.link("/drive/"), login)


def _picture(text: str) -> str:
    return segno.make(text, error="m").svg_data_uri(scale=5, border=3, light="#fff")
