"""The form of the page of subscriptions."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SubscriptionForm(forms.Form):
    """Where it is, and what to call it."""

    url = forms.CharField(
        label=_("Address of the calendar"), max_length=2000, help_text=_("It begins with https:// or webcal://")
    )
    title = forms.CharField(label=_("Name"), max_length=100, help_text=_("As it appears among your calendars"))
