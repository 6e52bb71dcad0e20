"""The main menu: where one may go, and where in it the page that is shown belongs."""

from typing import NamedTuple

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

register = template.Library()

_MINE = {"me": _("My page"), "posts": _("My posts"), "devices": _("My devices"), "sessions": _("Sign-ins")}
_ADMINISTRATION = {
    "staff": _("People and posts"),
    "applications": _("Applications"),
    "sheets": _("People from a sheet"),
    "administration": _("Administration"),
}
_OF_APPLICATION = {
    "apply": "applications",
    "bureau": "administration",
    "handover": "posts",
    "setup": "devices",
    "sheets": "sheets",
    "staff": "staff",
}
"""Which of the places the pages of a Django application belong to; all others are one's own page's."""


class Place(NamedTuple):
    """One entry of the menu; `current` is the value of `aria-current`, or nothing."""

    url: str
    name: str
    current: str


@register.simple_tag(takes_context=True)
def places(context: Context) -> list[Place]:
    """For the person who is signed in."""
    shown = _MINE | _ADMINISTRATION if context.get("administers") else _MINE
    path, section = context["request"].path, _section(context)
    found = ((reverse(each), str(name), each) for each, name in shown.items())
    return [Place(url, name, "page" if url == path else "true" if each == section else "") for url, name, each in found]


def _section(context: Context) -> str:
    match = context["request"].resolver_match
    if match is None:  # there is no such page
        return ""
    application = match.func.__module__.removeprefix("odweb.").partition(".")[0]
    return match.url_name if match.url_name in _MINE else _OF_APPLICATION.get(application, "me")
