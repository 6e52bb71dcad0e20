"""Forms of the sharing page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from odcore.sharing.api import ANYONE
from odweb.sharing.things import Thing

RIGHTS = {"read": _("read"), "write": _("read and change"), "free-busy": _("see when it is busy, and nothing more")}


class WithForm(forms.Form):
    """Whom something is shared with, and what they may do. Fields of `what` come first."""

    who = forms.CharField(
        label=_("With whom"),
        max_length=320,
        required=False,
        help_text=_("User name or address of a person, a post or a group"),
    )
    everybody = forms.BooleanField(label=_("Everybody who can sign in"), required=False)
    right = forms.ChoiceField(label=_("They may"))

    def clean(self) -> dict[str, Any]:
        """Either somebody or everybody."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("everybody") and given.get("who"):
            self.add_error("who", _("Either name somebody here or choose everybody."))
        elif given.get("everybody"):
            given["who"] = ANYONE
        elif not given.get("who") and "who" not in self.errors:
            self.add_error("who", _("This field is required."))
        return given

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class FolderForm(WithForm):
    """A folder, with all below it."""

    field_order = ("what",)
    what = forms.CharField(
        label=_("Folder"),
        max_length=4000,
        help_text=_("As it is in the drive, such as Reports/2026. All that is in it is shared."),
        widget=forms.TextInput({"list": "folders", "autocomplete": "off"}),
    )

    everything = forms.BooleanField(
        label=_("Yes, the whole drive"),
        error_messages={"required": _("This shares all that is in the drive, now and later. Tick it to say so.")},
    )

    def __init__(self, data: Any = None) -> None:
        """Whoever means the whole drive is asked once more."""
        super().__init__(data, auto_id="folder_%s")
        if data is None or not data.get("what", "").strip() or data["what"].strip(" /"):
            del self.fields["everything"]
        self._choose("right", [(right, RIGHTS[right]) for right in ("read", "write")])


class CollectionForm(WithForm):
    """A calendar, a list of tasks, an address book."""

    field_order = ("what",)
    what = forms.ChoiceField(label=_("Calendar or address book"))

    def __init__(self, things: list[Thing], data: Any = None) -> None:
        super().__init__(data, auto_id="collection_%s")
        self._choose("what", [(each.name, f"{each.title} ({each.kind})") for each in things])
        self._choose("right", list(RIGHTS.items()))
