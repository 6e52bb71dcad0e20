"""The address of this feature: the one that links name."""

from django.urls import path

from odmail.delivery.unsubscribing import PATH
from odweb.unsubscribe.views import unsubscribe

urlpatterns = [path(PATH.removeprefix("/"), unsubscribe, name="unsubscribe")]
