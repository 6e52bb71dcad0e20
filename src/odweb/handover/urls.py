"""Addresses of this feature."""

from django.urls import path

from odweb.handover import tenures, views

urlpatterns = [
    path("posts", views.overview, name="posts"),
    path("posts/<str:key>", views.show, name="post"),
    path("posts/<str:key>/report", views.report, name="post-report"),
    path("posts/<str:key>/tenures", tenures.overview, name="tenures"),
    path("posts/<str:key>/tenures/<str:tenure>", tenures.search, name="tenure"),
    path("posts/<str:key>/tenures/<str:tenure>/<int:uid>", tenures.message, name="tenure-message"),
    path("posts/<str:key>/tenures/<str:tenure>/papers/<int:uid>", tenures.paper, name="tenure-paper"),
]
