"""Addresses of this feature."""

from django.urls import path

from odweb.bureau import domains, lists, mail, offices, overview, quotas, trail

urlpatterns = [
    path("administration", overview.overview, name="administration"),
    path("offices", offices.offices, name="offices"),
    path("offices/<str:key>", offices.office, name="office"),
    path("domains", domains.domains, name="domains"),
    path("domains/<str:name>", domains.one, name="domain"),
    path("quotas", quotas.quotas, name="quotas"),
    path("quotas/<str:key>", quotas.one, name="quota"),
    path("lists", lists.lists, name="lists"),
    path("lists/<str:key>", lists.one, name="list"),
    path("lists/<str:key>/leave", lists.leave, name="list-leave"),
    path("queue", mail.queue, name="queue"),
    path("queue/act", mail.act, name="queue-act"),
    path("trace", mail.follow, name="trace"),
    path("reports", mail.reports, name="reports"),
    path("audit", trail.audit, name="audit"),
]
