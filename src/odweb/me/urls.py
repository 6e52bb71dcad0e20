"""Addresses of this feature."""

from django.urls import path

from odweb.me import views

urlpatterns = [
    path("me", views.overview, name="me"),
    path("me/devices", views.devices, name="devices"),
    path("me/devices/<str:name>/revoke", views.revoke_device, name="revoke-device"),
    path("me/password", views.password, name="password"),
    path("me/sessions", views.sessions, name="sessions"),
    path("me/sessions/<int:number>/end", views.end_session, name="end-session"),
]
