"""Addresses of this feature."""

from django.urls import path

from odweb.sharing import views

urlpatterns = [
    path("me/sharing", views.overview, name="sharing"),
    path("me/sharing/folder", views.folder, name="sharing-folder"),
    path("me/sharing/collection", views.collection, name="sharing-collection"),
    path("me/sharing/end", views.end, name="sharing-end"),
]
