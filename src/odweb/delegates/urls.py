"""Addresses of this feature."""

from django.urls import path

from odweb.delegates import views

urlpatterns = [
    path("me/delegates", views.overview, name="delegates"),
    path("me/delegates/end", views.end, name="delegates-end"),
]
