"""What the app asks, and the page its owner sees."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from odcore.errors import Fault, Kind
from odweb.entry.fresh import fresh
from odweb.flow import pairing
from odweb.flow.forms import LetInForm
from odweb.project.request import Asked


@csrf_exempt
@require_POST
def begin(request: Asked) -> HttpResponse:
    """An app begins. Nothing is known of it, and it gets nothing but a place to wait."""
    try:
        begun = pairing.begin(request.headers.get("User-Agent", ""), request.META.get("REMOTE_ADDR", ""))
    except Fault as fault:
        if fault.kind is not Kind.LIMIT:
            raise
        return JsonResponse({"message": fault.text}, status=429)
    endpoint, page = reverse("flow-poll"), reverse("flow-page", args=[begun.page])
    link = request.house.link
    return JsonResponse({"poll": {"token": begun.poll, "endpoint": link(endpoint)}, "login": link(page)})


@csrf_exempt
@require_POST
def poll(request: Asked) -> HttpResponse:
    """Has the owner let it in? 404 until then, and for ever after the password was given once."""
    try:
        given = pairing.collect(request.house, request.POST.get("token", ""))
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        return JsonResponse([], status=404, safe=False)
    return JsonResponse({"server": request.house.link(""), "loginName": given.login, "appPassword": given.secret})


@fresh
def page(request: Asked, token: str) -> HttpResponse:
    """Is it your app? A fault of `pairing` becomes a page that says its text."""
    waiting = pairing.of_page(token)
    form = LetInForm(request.POST or None, initial={"name": waiting.agent})
    if request.method == "POST" and form.is_valid():
        done = pairing.let_in(waiting, request.who.person.id, form.cleaned_data["name"])
        return render(request, "flow/done.html", {"done": done}, status=200 if done else 404)
    shown = {"form": form, "waiting": waiting}
    return render(request, "flow/page.html", shown, status=400 if form.errors else 200)
