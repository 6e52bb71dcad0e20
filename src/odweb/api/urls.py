"""Addresses of this feature: /api/v1, and its schema beside it."""

from django.urls import path
from ninja import NinjaAPI

from odweb.api import applications, entry, people, posts, queue

api = NinjaAPI(
    title="odmail: people, posts, applications and the queue",
    version="1",
    description="For programs of the house. A bearer token with the scope people reads, one with people-write changes; "
    "for the queue and the paths of messages the scopes are queue and queue-write.",
    docs_url=None,  # its page would be a program of somebody else's in our origin
    auth=entry.Token("people"),
    urls_namespace="api",
)
entry.answer(api)
for part in (people, posts, applications, queue):
    api.add_router("", part.router)

urlpatterns = [path("api/v1/", api.urls)]
