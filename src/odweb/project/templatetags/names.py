"""Names of people, posts and offices as the reader's language has them."""

from django import template

from odweb.names import named

register = template.Library()
register.filter(named)
