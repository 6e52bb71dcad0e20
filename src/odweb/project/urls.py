"""Which view answers at which address."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

urlpatterns: list[URLPattern | URLResolver] = [
    path("language", set_language, name="language"),
    path("", include("odweb.api.urls")),
    path("", include("odweb.apply.urls")),
    path("", include("odweb.bureau.urls")),
    path("", include("odweb.delegates.urls")),
    path("", include("odweb.drive.urls")),
    path("", include("odweb.entry.urls")),
    path("", include("odweb.factors.urls")),
    path("", include("odweb.filters.urls")),
    path("", include("odweb.flow.urls")),
    path("", include("odweb.handover.urls")),
    path("", include("odweb.me.urls")),
    path("", include("odweb.photo.urls")),
    path("", include("odweb.setup.urls")),
    path("", include("odweb.sharing.urls")),
    path("", include("odweb.subscriptions.urls")),
    path("", include("odweb.sheets.urls")),
    path("", include("odweb.staff.urls")),
    path("", include("odweb.unsubscribe.urls")),
]

handler400 = "odweb.project.errors.bad_request"
handler403 = "odweb.project.errors.denied"
handler404 = "odweb.project.errors.not_found"
handler500 = "odweb.project.errors.broken"
