"""Long lists, a page at a time; `odweb/leaves.html` leads from one to the next."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from odweb.project.request import Asked

T = TypeVar("T")

_EACH = 100


def leaf(request: Asked, found: "Sequence[T] | QuerySet[Any, T]") -> "Page[T]":
    """The page that `?page=` asks for; the first or the last where there is no such page."""
    return Paginator(found, _EACH).get_page(request.GET.get("page"))
