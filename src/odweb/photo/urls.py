"""Addresses of this feature."""

from django.urls import path

from odweb.photo import views

urlpatterns = [
    path("me/photo", views.mine, name="photo"),
    path("me/photo.jpg", views.my_picture, name="photo-picture"),
    path("staff/people/<str:key>/photo", views.staff, name="staff-photo"),
    path("staff/people/<str:key>/photo.jpg", views.staff_picture, name="staff-photo-picture"),
]
