"""Forms of administrators."""

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from odcore.directory.model import Domain, Group, Office
from odcore.directory.ops.group import SENDERS
from odweb.apply.offices import Place
from odweb.bureau.events import EVENTS, named
from odweb.project.configure import LANGUAGES

GIB = 1 << 30

_WHO = {
    "anybody": _("anybody"),
    "inside": _("people of this house"),
    "members": _("its members"),
    "moderated": _("anybody, once its owner agrees"),
}


class OfficeForm(forms.Form):
    """An office. Its short name stays as it was made."""

    ou = forms.RegexField(
        r"^[a-z0-9][a-z0-9.-]{0,62}$", label=_("Short name"), help_text=_("a-z, digits, dots, dashes")
    )
    name = forms.CharField(label=_("Name in English"), max_length=200)
    odia = forms.CharField(
        label=_("Name in Odia"), max_length=200, required=False, widget=forms.TextInput({"lang": "or"})
    )
    parent = forms.ChoiceField(label=_("Part of"), required=False)

    def __init__(self, found: Iterable[Place], office: Office | None, *, top: bool, data: Any = None) -> None:
        given = {}
        if office is not None:
            given = {"name": office.name, "odia": office.names.get("or", ""), "parent": office.parent or ""}
        super().__init__(data, initial=given)
        if office is not None:
            del self.fields["ou"]
        field = self.fields["parent"]
        assert isinstance(field, forms.ChoiceField)
        rest = [(place.id, place.path) for place in found if office is None or place.id != office.id]
        field.choices = [*([("", "–")] if top else []), *rest]
        field.required = not top


class ListForm(forms.Form):
    """A mailing list."""

    name = forms.CharField(label=_("Name"), max_length=200)
    senders = forms.ChoiceField(
        label=_("Who may send to it"), choices=[(each, _WHO.get(each, each)) for each in SENDERS]
    )
    owner = forms.CharField(
        label=_("Owner"),
        required=False,
        max_length=254,
        help_text=_(
            "A person or a post, by user name or address: agrees to messages, and hears what could not be delivered"
        ),
        widget=forms.TextInput({"autocapitalize": "none"}),
    )
    unlisted = forms.BooleanField(label=_("Not in the directory that all can search"), required=False)
    join = forms.CharField(
        label=_("Add members"),
        required=False,
        max_length=4000,
        help_text=_("User names, posts, lists or addresses, with spaces between"),
        widget=forms.TextInput({"autocapitalize": "none"}),
    )

    def __init__(self, group: Group, owner: str, data: Any = None) -> None:
        known = {name: getattr(group, name) for name in ("name", "senders", "unlisted")}
        super().__init__(data, initial=known | {"owner": owner})


class NewListForm(forms.Form):
    """A list that is not there yet."""

    cn = forms.CharField(label=_("Short name"), max_length=64, help_text=_("What stands before the @"))
    name = forms.CharField(label=_("Name"), max_length=200)


class NewDomainForm(forms.Form):
    """A domain that is not ours yet."""

    name = forms.CharField(
        label=_("Name of the domain"), max_length=253, help_text=_("For example: revenue.odisha.example")
    )


class DomainForm(forms.Form):
    """What there is to choose about a domain."""

    languages = forms.MultipleChoiceField(
        label=_("Languages of mail the system writes"),
        choices=LANGUAGES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    default = forms.BooleanField(label=_("The default domain: short user names belong to it"), required=False)

    def __init__(self, domain: Domain, data: Any = None) -> None:
        super().__init__(data, initial={"languages": list(domain.languages), "default": domain.default})
        self.fields["default"].disabled = domain.default


class QuotaForm(forms.Form):
    """What mail and files may each hold."""

    quota = forms.DecimalField(
        label=_("GiB each for mail and for files"),
        min_value=0,
        max_value=100_000,
        decimal_places=2,
        required=False,
        help_text=_("0 or empty: what everybody has"),
    )

    def __init__(self, octets: int, data: Any = None) -> None:
        super().__init__(data, initial={"quota": round(octets / GIB, 2) if octets else 0})


class AuditForm(forms.Form):
    """Which rows of the trail."""

    key = forms.CharField(label=_("Person, post or list"), required=False, max_length=320)
    event = forms.ChoiceField(label=_("Event"), required=False)
    since = forms.DateField(label=_("Since"), required=False, input_formats=["%d-%m-%Y", "%Y-%m-%d"])

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["event"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "–"), *sorted(((each, named(each)) for each in EVENTS), key=itemgetter(1))]
