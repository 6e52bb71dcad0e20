"""Forms about people and posts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from odcore.directory.bulk import values
from odcore.directory.model import ChargeKind, FormerRule, Office, Person
from odcore.errors import Fault
from odweb.apply.offices import Place
from odweb.me.forms import ChosenPassword
from odweb.names import named

KINDS = (
    (ChargeKind.REGULAR, _("Regular")),
    (ChargeKind.ADDITIONAL, _("Additional charge")),
    (ChargeKind.IN_CHARGE, _("In charge")),
    (ChargeKind.LINK, _("Link officer")),
)


class PersonForm(forms.Form):
    """What those who administer an office may change of its people."""

    name = forms.CharField(label=_("Name"), max_length=200)
    title = forms.CharField(label=_("Designation"), max_length=200, required=False)
    mobile = forms.CharField(label=_("Mobile number"), max_length=40, required=False)
    office = forms.ChoiceField(label=_("Office"))
    telephone = forms.CharField(label=_("Telephone of the office"), max_length=40, required=False)
    home_phone = forms.CharField(
        label=_("Telephone of the residence"),
        max_length=40,
        required=False,
        help_text=_("The directory shows it to those only who may see it."),
    )
    unlisted = forms.BooleanField(label=_("Not in the directory that all can search"), required=False)

    def __init__(self, offices: Iterable[Office], person: Person, data: Any = None, *, private: bool) -> None:
        """`private`: whoever looks may see numbers of residences."""
        super().__init__(data, initial={name: getattr(person, name) for name in self.base_fields})
        if not private:
            del self.fields["home_phone"]
        field = self.fields["office"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(office.id, named(office)) for office in offices]

    def clean_mobile(self) -> str:
        """In one form."""
        try:
            return values.mobile(self.cleaned_data["mobile"])
        except Fault as fault:
            raise forms.ValidationError(_("This is no Indian mobile number of ten digits.")) from fault


class NewPostForm(forms.Form):
    """A post under an office."""

    title = forms.CharField(label=_("Designation"), max_length=200)
    odia = forms.CharField(
        label=_("Designation in Odia"), max_length=200, required=False, widget=forms.TextInput({"lang": "or"})
    )
    office = forms.ChoiceField(label=_("Office"))
    cn = forms.CharField(label=_("Short name"), max_length=64, help_text=_("What stands before the @"))

    def __init__(self, offices: Iterable[Place], data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["office"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(place.id, place.path) for place in offices]


_HOW = (
    ("over", _("The post is handed over")),
    ("beside", _("Takes charge beside the present holder")),
    ("vacant", _("The post falls vacant")),
    ("relieved", _("Is relieved; other holders stay")),
)


_FORMER = (
    ("", _("As the site has it")),
    (FormerRule.INFORM, _("Its senders are told once who holds the post now")),
    (FormerRule.FORWARD, _("What names the former holder reaches that person, too")),
    (FormerRule.NOTHING, _("Nothing besides: it reaches the post")),
)


class HandoverForm(forms.Form):
    """Charge of a post."""

    how = forms.ChoiceField(label=_("What happens"), choices=_HOW, required=False)
    to = forms.CharField(
        label=_("Who"),
        max_length=200,
        required=False,
        help_text=_("User name or address; of a post that falls vacant, its link officer, if there is one"),
    )
    order = forms.CharField(label=_("Number of the order"), max_length=100)
    at = forms.DateTimeField(
        label=_("From"),
        required=False,
        help_text=_("dd-mm-yyyy hh:mm; empty: now"),
        input_formats=["%d-%m-%Y %H:%M", "%d-%m-%Y", "%Y-%m-%dT%H:%M"],
    )
    kind = forms.ChoiceField(label=_("Kind of charge"), choices=KINDS)
    former = forms.ChoiceField(label=_("Mail for the former holder"), choices=_FORMER, required=False)

    def clean(self) -> dict[str, Any]:
        """Only a vacancy is nobody's."""
        given = super().clean() or {}
        if not given.get("to") and given.get("how") != "vacant":
            self.add_error("to", _("This field is required."))
        return given

    def clean_at(self) -> datetime | None:
        """Who held a post on days gone by is history, and not changed here."""
        at: datetime | None = self.cleaned_data["at"]
        if at and timezone.localdate(at) < timezone.localdate():
            raise forms.ValidationError(_("This day has passed."))
        return at


class DayForm(forms.Form):
    """Who held it then?"""

    day = forms.DateField(label=_("Who held it on"), required=False, input_formats=["%d-%m-%Y", "%Y-%m-%d"])


class CodeForm(ChosenPassword):
    """A first password, or a new one, with a code."""

    code = forms.CharField(label=_("Code"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    field_order = ("code", "new", "again")
