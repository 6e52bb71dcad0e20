"""The collation i;unicode-casemap: what is the same but for case, and what comes before what.  RFC 5051 2

Keys compare as strings the way their UTF-8 compares as octets.
"""

import unicodedata


def key(text: str) -> str:
    """Titlecase letter by letter, then decomposed."""
    if text.isascii():
        return text.upper()
    return unicodedata.normalize("NFKD", "".join(map(_titlecase, text)))


def _titlecase(letter: str) -> str:
    """The simple mapping: one letter for one."""
    title = letter.title()
    return title if len(title) == 1 else letter
