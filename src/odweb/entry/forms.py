"""The sign-in form."""

from django import forms
from django.utils.translation import gettext_lazy as _

from odweb.me.forms import ChosenPassword


class SignInForm(forms.Form):
    """A name and a password."""

    login = forms.CharField(
        label=_("E-mail address or user name"),
        max_length=320,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ForgotForm(forms.Form):
    """Whose password it is."""

    login = forms.CharField(
        label=_("E-mail address or user name"),
        max_length=320,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}),
    )


class ResetForm(ChosenPassword):
    """A new password with a code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    field_order = ("code", "new", "again")


class ConfirmForm(forms.Form):
    """The password once more."""

    password = forms.CharField(
        label=_("Present password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
