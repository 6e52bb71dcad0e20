"""What a person says when they let an app in."""

from django import forms
from django.utils.translation import gettext_lazy as _


class LetInForm(forms.Form):
    """How the device is called in the list."""

    name = forms.CharField(
        label=_("Name of the device"),
        max_length=100,
        help_text=_("So that you know it again in the list of your devices."),
    )
