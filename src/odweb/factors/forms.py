"""Forms of the second step."""

from django import forms
from django.utils.translation import gettext_lazy as _


class StepForm(forms.Form):
    """A code of the app, or one for the day it is lost."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "none"}),
    )


class AppForm(forms.Form):
    """The first code of a new app."""

    code = forms.CharField(
        label=_("The code that the app shows now"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class PasskeyForm(forms.Form):
    """A new passkey; the script fills in what the device answered."""

    name = forms.CharField(label=_("Name of the passkey"), max_length=60, help_text=_("For example: my phone"))
    answer = forms.CharField(max_length=20_000, widget=forms.HiddenInput)
