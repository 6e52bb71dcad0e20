"""Forms of my page."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from odcore import clock
from odcore.directory.model import Post
from odweb.names import named

SHORTEST = 12
"""Characters of a password that a person chooses."""

_SCOPES = (
    ("mail", _("Mail")),
    ("dav", _("Calendar, tasks and contacts")),
    ("drive", _("Drive")),
    ("directory", _("Directory")),
)
_LIVES = (("", _("Until I revoke it")), ("30", _("30 days")), ("90", _("90 days")), ("365", _("1 year")))


class ChosenPassword(forms.Form):
    """A new password, typed twice."""

    new = forms.CharField(
        label=_("New password"),
        max_length=256,
        strip=False,
        help_text=_("At least 12 characters. A few words you can remember are better than signs you must write down."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "minlength": "12"}),
    )
    again = forms.CharField(
        label=_("New password, once more"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Both are the same, and long enough."""
        given: dict[str, Any] = super().clean() or {}
        new = given.get("new", "")
        if new and len(new) < SHORTEST:
            self.add_error("new", _("The new password is too short."))
        if new and given.get("again") and new != given["again"]:
            self.add_error("again", _("The two are not the same."))
        return given


class PasswordForm(ChosenPassword):
    """The present one shows that it is really this person who sits there."""

    current = forms.CharField(
        label=_("Present password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Not the old one."""
        given = super().clean()
        if given.get("new") and given["new"] == given.get("current"):
            self.add_error("new", _("This is the password you have now."))
        return given


class MailboxForm(forms.Form):
    """A device, and whose mailbox it is for: one's own, or that of a post held."""

    name = forms.CharField(label=_("Name of the device"), max_length=60, help_text=_("For example: office laptop"))
    account = forms.ChoiceField(label=_("For the mailbox of"))

    def __init__(self, posts: tuple[Post, ...], name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["account"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", name), *((post.id, named(post)) for post in posts)]
        field.required = False


class DeviceForm(MailboxForm):
    """A new device password."""

    scopes = forms.MultipleChoiceField(
        label=_("May be used for"), choices=_SCOPES, widget=forms.CheckboxSelectMultiple, initial=["mail", "dav"]
    )
    life = forms.ChoiceField(label=_("Valid"), choices=_LIVES, required=False)

    def clean_life(self) -> Any:
        """The instant at which it ends, or None."""
        days = self.cleaned_data["life"]
        return clock.now() + timedelta(days=int(days)) if days else None
