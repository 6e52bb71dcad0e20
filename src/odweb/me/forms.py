"""Forms of my page."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from odcore import clock
from odcore.directory.model import Post

_SCOPES = (
    ("mail", _("Mail")),
    ("dav", _("Calendar, tasks and contacts")),
    ("drive", _("Drive")),
)
_LIVES = (("", _("Until I revoke it")), ("30", _("30 days")), ("90", _("90 days")), ("365", _("1 year")))


class DeviceForm(forms.Form):
    """A new device password."""

    name = forms.CharField(label=_("Name of the device"), max_length=60, help_text=_("For example: office laptop"))
    account = forms.ChoiceField(label=_("For the mailbox of"))
    scopes = forms.MultipleChoiceField(
        label=_("May be used for"), choices=_SCOPES, widget=forms.CheckboxSelectMultiple, initial=["mail", "dav"]
    )
    life = forms.ChoiceField(label=_("Valid"), choices=_LIVES, required=False)

    def __init__(self, posts: tuple[Post, ...], name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["account"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", name), *((post.id, post.title) for post in posts)]
        field.required = False

    def clean_life(self) -> Any:
        """The instant at which it ends, or None."""
        days = self.cleaned_data["life"]
        return clock.now() + timedelta(days=int(days)) if days else None
