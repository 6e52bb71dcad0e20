"""Addresses of this feature."""

from django.urls import path

from odweb.subscriptions import views

urlpatterns = [
    path("me/subscriptions", views.overview, name="subscriptions"),
    path("me/subscriptions/end", views.end, name="subscriptions-end"),
]
