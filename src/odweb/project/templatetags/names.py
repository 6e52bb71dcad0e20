"""Names of people and posts as the reader's language has them."""

from django import template
from django.utils.translation import get_language

from odcore.directory.model import Person, Post

register = template.Library()


@register.filter
def named(entry: Person | Post) -> str:
    """In this language where the directory has it, else as it is."""
    return entry.names.get(get_language() or "", entry.title if isinstance(entry, Post) else entry.name)
