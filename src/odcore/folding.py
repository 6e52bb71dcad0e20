"""Comparing what people type with what is written: one folding for every search.  RFC 5051

`normalize` is used on both sides, the text and what is sought in it, so that a person finds what they see: letters
match whatever their case and however they were composed, and invisible joiners never stand in the way.
"""

import re
import unicodedata

_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_LETTERS = 3


def normalize(text: str) -> str:
    """For comparing: case folded, composed, without joiners and soft hyphens, single spaces."""
    if text.isascii():
        return _single_spaced(text.lower())
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return _single_spaced(_INVISIBLE.sub("", folded))


def trigrams(needle: str) -> set[str]:
    """What a trigram index has of a normalized text; none when it is too short to tell."""
    found = {needle[at : at + _LETTERS] for at in range(len(needle) - _LETTERS + 1)}
    return {trigram for trigram in found if "\0" not in trigram and "\n" not in trigram}


def _single_spaced(text: str) -> str:
    """Each run of white space as one space, also at the ends."""
    words = " ".join(text.split())
    if not words:
        return text and " "
    return f"{' ' if text[0].isspace() else ''}{words}{' ' if text[-1].isspace() else ''}"
