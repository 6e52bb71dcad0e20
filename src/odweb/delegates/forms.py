"""Forms of the delegates page."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from odcore.directory.model import Post
from odcore.sharing.api import Power
from odweb.names import named

POWERS = (
    (Power.READ, _("read")),
    (Power.WRITE, _("read, file and delete")),
    (Power.ON_BEHALF, _("write on my behalf, named as the writer")),
    (Power.SEND_AS, _("write as I do")),
)


class DelegateForm(forms.Form):
    """Somebody may act."""

    of = forms.ChoiceField(label=_("For the mailbox of"), required=False)
    who = forms.CharField(label=_("Who"), max_length=200, help_text=_("User name or address"))
    powers = forms.MultipleChoiceField(label=_("May"), choices=POWERS, widget=forms.CheckboxSelectMultiple)
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        input_formats=["%d-%m-%Y", "%Y-%m-%d"],
        help_text=_("dd-mm-yyyy; empty: until I end it"),
    )

    def __init__(self, posts: tuple[Post, ...], name: str, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["of"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", name), *((post.id, named(post)) for post in posts)]

    def clean_until(self) -> Any:
        """A day to come."""
        until = self.cleaned_data["until"]
        if until and until < timezone.localdate():
            raise forms.ValidationError(_("This day has passed."))
        return until
