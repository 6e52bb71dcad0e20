"""Addresses of this feature."""

from django.urls import path

from odweb.handover import views

urlpatterns = [
    path("posts", views.overview, name="posts"),
    path("posts/<str:key>", views.show, name="post"),
    path("posts/<str:key>/report", views.report, name="post-report"),
]
