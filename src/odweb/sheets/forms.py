"""Forms of sheets."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from odcore.directory.bulk.columns import Row
from odcore.directory.bulk.sheet import text
from odcore.directory.model import Office
from odweb.names import named


class SheetForm(forms.Form):
    """A file to look at."""

    file = forms.FileField(label=_("Sheet"), help_text=_("Excel (.xlsx), LibreOffice (.ods) or .csv"))
    office = forms.ChoiceField(label=_("Office"), help_text=_("For rows that name no office"))

    def __init__(self, offices: Iterable[Office], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["office"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(office.id, named(office)) for office in offices]


class RowForm(forms.Form):
    """One row, mended."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    odia = forms.CharField(label=_("Name in Odia"), max_length=200, required=False)
    employee = forms.CharField(label=_("Employee number"), max_length=64, required=False)
    title = forms.CharField(label=_("Designation"), max_length=200, required=False)
    office = forms.CharField(label=_("Office"), max_length=200, required=False)
    mobile = forms.CharField(label=_("Mobile number"), max_length=40, required=False)
    expires = forms.CharField(label=_("Date of retirement"), max_length=40, required=False)
    kind = forms.CharField(label=_("Kind of employment"), max_length=40, required=False)
    alternate = forms.CharField(label=_("Alternate e-mail address"), max_length=254, required=False)
    address = forms.CharField(label=_("Address that is wished"), max_length=100, required=False)

    @classmethod
    def initial_of(cls, row: Row) -> dict[str, str]:
        """What the sheet says; a name in two columns becomes one."""
        given = {name: getattr(row, name) for name in cls.base_fields}
        return given | {"name": row.name or f"{row.given} {row.family}".strip()}

    def row(self, number: int) -> Row:
        """What was written, as it would be read from a cell."""
        return Row(number=number, **{name: text(self.cleaned_data[name]) for name in self.fields})


class ReasonForm(forms.Form):
    """Why a sheet goes back."""

    reason = forms.CharField(label=_("Reason"), max_length=500)
