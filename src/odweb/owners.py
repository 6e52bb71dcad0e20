"""Whose things a page is about: one's own, or those of a post one holds."""

from django.utils.translation import gettext as _

from odcore.directory.model import Person, Post
from odcore.errors import Fault, Kind
from odweb.project.request import Asked


def owners(request: Asked) -> list[Person | Post]:
    """Oneself first."""
    return [request.who.person, *request.house.access.posts(request.who)]


def owner_of(request: Asked, key: str) -> Person | Post:
    """Of what an id stands for; oneself for none. Fault NOT_FOUND."""
    for owner in owners(request):
        if key in ("", owner.id):
            return owner
    raise Fault(Kind.NOT_FOUND, _("You do not hold this post."))
