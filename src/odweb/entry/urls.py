"""Addresses of this feature."""

from django.urls import path

from odweb.entry import forgot, views

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in", views.sign_in, name="sign-in"),
    path("forgot", forgot.forgot, name="forgot"),
    path("forgot/code", forgot.reset, name="reset"),
    path("confirm", views.confirm, name="confirm"),
    path("sign-out", views.sign_out, name="sign-out"),
]
