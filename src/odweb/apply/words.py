"""States of an application, in the language of the page."""

from django.utils.translation import gettext as _


def state(word: str) -> str:
    """For applicants and approvers."""
    words = {
        "open": _("not yet sent"),
        "office": _("waits for the head of office"),
        "agency": _("waits for the agency"),
        "making": _("being created"),
        "made": _("created"),
        "refused": _("refused"),
    }
    return words[word]
