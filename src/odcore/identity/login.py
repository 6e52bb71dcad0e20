"""The form of a login: refused before the directory hears of it, equally for all."""

import unicodedata

from odcore.directory.address import fold

_LONGEST = 320


def normal(login: str) -> str:
    """As it is looked up; "" when it cannot be anybody's."""
    folded = fold(login.strip(" \t"))
    fits = 0 < len(folded) <= _LONGEST and not any(unicodedata.category(letter)[0] in "CZ" for letter in folded)
    return folded if fits else ""
