"""Addresses of this feature."""

from django.urls import path

from odweb.drive import views

urlpatterns = [
    path("me/drive", views.overview, name="drive"),
    path("me/drive/restore", views.restore, name="drive-restore"),
    path("me/drive/forget", views.forget, name="drive-forget"),
]
