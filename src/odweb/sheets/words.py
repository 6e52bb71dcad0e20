"""Remarks and verdicts of `odcore.directory.bulk`, listed so that they come into our catalogs."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from odcore.directory.bulk.candidate import Remark

REMARKS = (
    _("The name is missing."),
    _("Neither an employee number nor a mobile number: one of them is needed."),
    _("No office is called so."),
    _("The office is missing."),
    _("You may not create people in this office."),
    _("The date of retirement has passed."),
    _("The end of the contract is missing."),
    _("No address can be made of this name: write the address that is wished."),
    _("This address belongs to somebody already."),
    _("Somebody of another name has this employee number."),
    _("This person is there already, under another employee number."),
    _("Somebody else has this mobile number."),
    _("The same person as in row %(row)s."),
    _("The same mobile number as in row %(row)s."),
    _("The same employee number as in row %(row)s, but another name."),
    _("Has an account already: %(address)s"),
    _("This is no Indian mobile number of ten digits."),
    _("Excel has lost digits of this number: type it once more, as text."),
    _("This is no e-mail address."),
    _("This is no date such as 31-03-2027."),
    _("A name has letters, dots, dashes and apostrophes only."),
    _("A word of the name mixes scripts, which people cannot tell apart."),
)


def said(remark: Remark) -> str:
    """In the language of the page."""
    return str(Remark(gettext(remark.text), remark.facts))


def verdict(word: str) -> str:
    """In the language of the page."""
    words = {
        "ok": gettext("fine"),
        "mend": gettext("to mend"),
        "exists": gettext("exists"),
        "refused": gettext("refused"),
    }
    return words[word]


def state(word: str) -> str:
    """In the language of the page."""
    words = {
        "draft": gettext("not yet submitted"),
        "submitted": gettext("waits for approval"),
        "refused": gettext("sent back"),
        "making": gettext("being created"),
        "made": gettext("created"),
        "undone": gettext("taken back"),
    }
    return words[word]
