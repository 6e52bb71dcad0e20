"""Addresses of this feature."""

from django.urls import path

from odweb.factors import step, views

urlpatterns = [
    path("sign-in/code", step.code, name="second-step"),
    path("sign-in/passkey", step.passkey, name="sign-in-passkey"),
    path("sign-in/passkey/options", step.options, name="sign-in-passkey-options"),
    path("me/second", views.overview, name="second"),
    path("me/second/app", views.app, name="second-app"),
    path("me/second/app/remove", views.remove_app, name="second-app-remove"),
    path("me/second/recovery", views.recovery, name="second-recovery"),
    path("me/second/passkey", views.passkey, name="second-passkey"),
    path("me/second/passkey/options", views.options, name="second-passkey-options"),
    path("me/second/passkey/<int:number>/remove", views.remove_passkey, name="second-passkey-remove"),
]
