"""Addresses of this feature."""

from django.urls import path

from odweb.staff import dormant, new_post, posts, views

urlpatterns = [
    path("staff", views.overview, name="staff"),
    path("staff/leaving", views.leavers, name="staff-leaving"),
    path("staff/dormant", dormant.overview, name="staff-dormant"),
    path("staff/people/<str:key>", views.person, name="staff-person"),
    path("staff/people/<str:key>/state", views.switch, name="staff-switch"),
    path("staff/people/<str:key>/code", views.code, name="staff-code"),
    path("staff/people/<str:key>/second", views.forget_second, name="staff-second"),
    path("staff/new-post", new_post.new, name="staff-new-post"),
    path("staff/posts/<str:key>", posts.post, name="staff-post"),
    path("welcome", views.welcome, name="welcome"),
]
