"""Forms of those who apply, and of those who decide."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from odcore.directory.address import check_new
from odcore.directory.bulk import values
from odcore.directory.bulk.sheet import text
from odcore.errors import Fault
from odweb.apply.offices import Place

Value = TypeVar("Value")

_KINDS = (("", _("Government service")), ("contract", _("Contract or outsourced")))
_DAYS = ["%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d"]


class ApplyForm(forms.Form):
    """Who wants an account. Nothing in the answer tells who has one."""

    name = forms.CharField(label=_("Name in English"), max_length=200, widget=forms.TextInput({"autocomplete": "name"}))
    odia = forms.CharField(
        label=_("Name in Odia"), max_length=200, required=False, widget=forms.TextInput({"lang": "or"})
    )
    employee = forms.CharField(label=_("Employee or HRMS number"), max_length=64, required=False)
    title = forms.CharField(label=_("Designation"), max_length=200)
    search = forms.CharField(
        label=_("Office"), max_length=200, required=False, help_text=_("Part of its name, in English or Odia")
    )
    office = forms.ChoiceField(label=_("Which of these"), required=False, widget=forms.RadioSelect)
    mobile = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        help_text=_("A code is sent there"),
        widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel"}),
    )
    email = forms.EmailField(label=_("Alternate e-mail address"), required=False, max_length=254)
    kind = forms.ChoiceField(label=_("Kind of employment"), choices=_KINDS, required=False)
    expires = forms.DateField(
        label=_("Date of retirement or end of contract"), help_text=_("dd-mm-yyyy"), input_formats=_DAYS
    )
    post = forms.CharField(
        label=_("Post whose mail you need as well"),
        max_length=200,
        required=False,
        help_text=_("Empty: only an address with your name"),
    )

    def __init__(self, found: Iterable[Place], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._found = [(place.id, place.path) for place in found]
        field = self.fields["office"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = self._found

    def clean_name(self) -> str:
        return self._understood("name", values.name)

    def clean_odia(self) -> str:
        return self._understood("odia", values.name)

    def clean_employee(self) -> str:
        return self._understood("employee", lambda typed: values.number(text(typed)))

    def clean_title(self) -> str:
        """One line, as in a cell: it stands in mail to those who decide."""
        return text(self.cleaned_data["title"])

    def clean_post(self) -> str:
        return text(self.cleaned_data["post"])

    def clean_mobile(self) -> str:
        return self._understood("mobile", values.mobile)

    def clean_expires(self) -> date:
        day: date = self.cleaned_data["expires"]
        if day <= timezone.localdate():
            raise forms.ValidationError(_("This day has passed."))
        return day

    def clean(self) -> dict[str, Any]:
        """One office that is found is chosen; of several one must be."""
        given = super().clean() or {}
        found = [key for key, _path in self._found]
        if not given.get("office") and "office" not in self.errors:
            if len(found) == 1 and given.get("search"):
                given["office"] = found[0]
            elif not found:
                self.add_error("search", _("No office is called so."))
            else:
                self.add_error("office", _("Choose one of these offices."))
        return given

    def _understood(self, name: str, read: Callable[[str], Value]) -> Value:
        try:
            return read(self.cleaned_data[name])
        except Fault as fault:
            raise forms.ValidationError(_(fault.text)) from fault  # the texts are in `odweb.sheets.words`


class CodeForm(forms.Form):
    """What came to the phone."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )


class AddressForm(forms.Form):
    """One of those that are free, or another that is wished."""

    choice = forms.ChoiceField(label=_("Your address"), required=False, widget=forms.RadioSelect)
    other = forms.CharField(
        label=_("Another address"),
        max_length=64,
        required=False,
        help_text=_("What stands before the @: letters, digits, dots and dashes"),
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, free: Iterable[str], domain: str, taken: Callable[[str], bool], data: Any = None) -> None:
        super().__init__(data)
        self._domain, self._taken = domain, taken
        field = self.fields["choice"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, f"{name}@{domain}") for name in free]

    def clean_other(self) -> str:
        wished: str = self.cleaned_data["other"].strip().removesuffix(f"@{self._domain}")
        if not wished:
            return ""
        try:
            local = check_new(f"{wished}@{self._domain}").rpartition("@")[0]
        except Fault as fault:
            raise forms.ValidationError(
                _("Such an address is not given out: letters of one script, digits, dots and dashes; no reserved name.")
            ) from fault
        if self._taken(local):
            raise forms.ValidationError(_("This address is not free."))
        return local

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not (given.get("choice") or given.get("other")):
            self.add_error("choice", _("Choose an address."))
        return given

    @property
    def chosen(self) -> str:
        """What was wished counts more than what was proposed."""
        return str(self.cleaned_data["other"] or self.cleaned_data["choice"])


class StatusForm(forms.Form):
    """Which application, and who asks."""

    reference = forms.CharField(label=_("Reference"), max_length=20)
    mobile = forms.CharField(label=_("Mobile number"), max_length=40, widget=forms.TextInput({"inputmode": "tel"}))

    def clean_reference(self) -> str:
        return str(self.cleaned_data["reference"]).strip().upper()

    def clean_mobile(self) -> str:
        try:
            return values.mobile(self.cleaned_data["mobile"])
        except Fault as fault:
            raise forms.ValidationError(_("This is no Indian mobile number of ten digits.")) from fault


class RefusalForm(forms.Form):
    """Why not."""

    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("The applicant reads it"))
