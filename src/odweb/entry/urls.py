"""Addresses of this feature."""

from django.urls import path

from odweb.entry import views

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in", views.sign_in, name="sign-in"),
    path("confirm", views.confirm, name="confirm"),
    path("sign-out", views.sign_out, name="sign-out"),
]
