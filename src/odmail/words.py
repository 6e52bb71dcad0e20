"""Texts of mail to people, in the languages of the house; the catalogs lie in `locale`.  RFC 3282

One language is one text; several stand one below the other, as a notice on an office's wall does.
"""

import gettext
from collections.abc import Callable, Iterable
from pathlib import Path

LANGUAGES = ("en", "or", "hi")

_CATALOGS = Path(__file__).parent / "locale"
_BETWEEN = "\n\n--------\n\n"

Say = Callable[[str], str]
"""Puts a text of the catalog into a language."""


def _(text: str) -> str:
    """Marks a text for the catalogs; it is translated where it is used."""
    return text


class Words:
    """The languages of one mail; English where none of them is known."""

    def __init__(self, languages: Iterable[str] = ()) -> None:
        known = dict.fromkeys(each.partition("-")[0].lower() for each in languages)
        self.languages = tuple(each for each in known if each in LANGUAGES) or LANGUAGES[:1]

    def first(self, text: str) -> str:
        """Where there is room for one, as in a subject."""
        return _say(self.languages[0])(text)

    def each(self, write: Callable[[Say], str]) -> str:
        """What `write` makes of every language."""
        return _BETWEEN.join(write(_say(language)).strip("\n") for language in self.languages) + "\n"

    @property
    def tag(self) -> str:
        """The value of a Content-Language field."""
        return ", ".join(self.languages)


def _say(language: str) -> Say:
    return gettext.translation("odmail", _CATALOGS, [language], fallback=True).gettext
