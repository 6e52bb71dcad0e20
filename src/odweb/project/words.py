"""Texts of Django's in forms and as sizes. Listed here, they come into our catalogs: Django has no Odia."""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

WORDS = (
    _("This field is required."),
    _("Enter a valid email address."),
    _("Enter a valid date."),
    _("Enter a whole number."),
    _("Select a valid choice. That choice is not one of the available choices."),
    _("Select a valid choice. %(value)s is not one of the available choices."),
    _("Ensure this value has at most %(limit_value)d characters (it has %(show_value)d)."),
    _("No file was submitted. Check the encoding type on the form."),
    _("The submitted file is empty."),
)
SIZES = ngettext_lazy("%(size)d byte", "%(size)d bytes", "size")
