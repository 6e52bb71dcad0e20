"""Addresses of this feature."""

from django.urls import path

from odweb.apply import queue, views

urlpatterns = [
    path("apply", views.begin, name="apply"),
    path("apply/offices", views.offices, name="apply-offices"),
    path("apply/code", views.code, name="apply-code"),
    path("apply/address", views.address, name="apply-address"),
    path("apply/status", views.status, name="apply-status"),
    path("apply/status/code", views.status_code, name="apply-status-code"),
    path("apply/state", views.shown, name="apply-state"),
    path("applications", queue.overview, name="applications"),
    path("applications/<str:key>", queue.show, name="application"),
    path("applications/<str:key>/approve", queue.approve, name="application-approve"),
    path("applications/<str:key>/refuse", queue.refuse, name="application-refuse"),
]
