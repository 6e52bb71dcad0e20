"""Addresses of this feature: those that apps for Nextcloud know."""

from django.urls import path

from odweb.flow import views

urlpatterns = [
    path("index.php/login/v2", views.begin),
    path("index.php/login/v2/poll", views.poll, name="flow-poll"),
    path("index.php/login/v2/flow/<str:token>", views.page, name="flow-page"),
]
