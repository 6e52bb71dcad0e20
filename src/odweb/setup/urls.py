"""Addresses of this feature."""

from django.urls import path

from odweb.setup import views

urlpatterns = [
    path("me/setup", views.choose, name="setup"),
    path("me/setup/drive/<str:name>", views.drive_file, name="setup-drive-file"),
    path("me/setup/<str:kind>", views.one, name="setup-device"),
]
