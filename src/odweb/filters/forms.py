"""Forms of the filters page."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from odweb.filters.wishes import Act, Field

_FORMATS = ["%d-%m-%Y", "%Y-%m-%d"]
_DAY = {"placeholder": "dd-mm-yyyy", "inputmode": "numeric"}

Objection = Callable[[str], str]


class AwayForm(forms.Form):
    """Out of office."""

    first = forms.DateField(label=_("First day"), input_formats=_FORMATS, widget=forms.DateInput(_DAY, "%d-%m-%Y"))
    last = forms.DateField(label=_("Last day"), input_formats=_FORMATS, widget=forms.DateInput(_DAY, "%d-%m-%Y"))
    inside = forms.CharField(
        label=_("What people of the Government are told"), max_length=2000, widget=forms.Textarea({"rows": 4})
    )
    outside = forms.CharField(
        label=_("What others are told"),
        max_length=2000,
        required=False,
        help_text=_("Empty: others get no answer."),
        widget=forms.Textarea({"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        """Days in their order, and not gone by."""
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if last and last < timezone.localdate():
            self.add_error("last", _("This day has passed."))
        if first and last and last < first:
            self.add_error("last", _("The last day comes before the first."))
        return given


class ForwardForm(forms.Form):
    """A copy of everything."""

    forward = forms.EmailField(label=_("Address"), max_length=320)

    def __init__(self, objection: Objection, mine: tuple[str, ...], data: Any = None) -> None:
        super().__init__(data)
        self._objection, self._mine = objection, mine

    def clean_forward(self) -> str:
        """Within policy."""
        return allowed(self.cleaned_data["forward"], self._objection, self._mine)


class RuleForm(forms.Form):
    """One simple rule."""

    field = forms.ChoiceField(
        label=_("Look at"),
        choices=((Field.FROM, _("Sender")), (Field.SUBJECT, _("Subject")), (Field.LIST, _("Mailing list"))),
    )
    text = forms.CharField(label=_("It contains"), max_length=200)
    act = forms.ChoiceField(
        label=_("Then"),
        choices=(
            (Act.FOLDER, _("put it into a folder")),
            (Act.FLAG, _("flag it")),
            (Act.FORWARD, _("forward a copy")),
        ),
    )
    target = forms.CharField(
        label=_("Folder, or address"), max_length=320, required=False, help_text=_("A missing folder is made.")
    )

    def __init__(self, objection: Objection, mine: tuple[str, ...], data: Any = None) -> None:
        super().__init__(data)
        self._objection, self._mine = objection, mine

    def clean(self) -> dict[str, Any]:
        """Each action has the target it needs."""
        given: dict[str, Any] = super().clean() or {}
        act, target = given.get("act"), given.get("target", "")
        if act == Act.FLAG:
            given["target"] = ""
        elif act and not target:
            self.add_error("target", _("This field is required."))
        elif act == Act.FORWARD:
            try:
                given["target"] = allowed(forms.EmailField().clean(target), self._objection, self._mine)
            except forms.ValidationError as error:
                self.add_error("target", error)
        return given


def allowed(address: str, objection: Objection, mine: tuple[str, ...]) -> str:
    """Official mail stays on official servers."""
    if address.lower() in mine:
        raise forms.ValidationError(_("This is the mailbox itself."))
    if objection(address):
        raise forms.ValidationError(_("Official mail may be forwarded to official addresses only."))
    return address
