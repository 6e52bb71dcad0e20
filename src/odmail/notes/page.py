"""A note's text as Apple Notes writes it, and the lines of what it wrote: an element a line.  WHATWG HTML 13"""

import html
import re
from collections.abc import Iterator

from odmail.message import markup

_PIECE = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^>]*+>?|<[/!?][^>]*+>?|[^<]+|<")
_SPACES = re.compile("[ \t\n\r\f]+")
_BLOCK = re.compile(
    "address|article|aside|blockquote|d[dlt]|div|h[1-6r]|li|[ou]l|p|pre|section|table|tr", re.ASCII
).fullmatch
_PLAIN = re.compile("html|head|meta|body|div|p|br|span", re.ASCII).fullmatch
_INDENT = re.compile("^ | (?= )")


def written(lines: list[str]) -> str:
    """Lines as divisions; what HTML would fold stays."""
    divisions = (_INDENT.sub("&nbsp;", html.escape(line, quote=False)) or "<br>" for line in lines)
    return "<html><head></head><body>" + "\r\n".join(f"<div>{each}</div>" for each in divisions) + "</body></html>"


def lines(source: str) -> list[str]:
    """As they are seen."""
    found: list[str] = []
    line = ""
    for piece in _PIECE.finditer(markup.shown(source)):
        text, name = piece[0], (piece[2] or "").lower()
        if name == "br" or (_BLOCK(name) and line.strip(" ")):
            found.append(line)
            line = ""
        elif text[0] != "<" or text == "<":
            line += html.unescape(_SPACES.sub(" ", text if line.strip(" ") else text.lstrip(" \t\n\r\f")))
    return [*found, line] if line.strip(" ") else found


def is_rich(source: str) -> bool:
    """Does it say more than lines of text can?"""
    return not all(_PLAIN(name) for name in _names(markup.shown(source)))


def _names(source: str) -> Iterator[str]:
    return (piece[2].lower() for piece in _PIECE.finditer(source) if piece[2])
