"""Addresses of this feature."""

from django.urls import path

from odweb.filters import views

urlpatterns = [
    path("me/filters", views.overview, name="filters"),
    path("me/filters/away", views.away, name="filters-away"),
    path("me/filters/forward", views.forward, name="filters-forward"),
    path("me/filters/rule", views.rule, name="filters-rule"),
    path("me/filters/remove", views.remove, name="filters-remove"),
]
