"""Addresses of this feature."""

from django.urls import path

from odweb.sheets import views

urlpatterns = [
    path("sheets", views.overview, name="sheets"),
    path("sheets/<str:key>", views.show, name="sheet"),
    path("sheets/<str:key>/people.xlsx", views.annotated, name="sheet-annotated"),
    path("sheets/<str:key>/rows/<int:number>", views.mend, name="sheet-row"),
    path("sheets/<str:key>/submit", views.submit, name="sheet-submit"),
    path("sheets/<str:key>/approve", views.approve, name="sheet-approve"),
    path("sheets/<str:key>/refuse", views.refuse, name="sheet-refuse"),
    path("sheets/<str:key>/slips", views.slips, name="sheet-slips"),
    path("sheets/<str:key>/codes", views.send_codes, name="sheet-codes"),
    path("sheets/<str:key>/undo", views.take_back, name="sheet-undo"),
]
