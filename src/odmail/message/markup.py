"""HTML to the text a reader sees, roughly: for search and previews, never for display.  WHATWG HTML 13"""

import html
import re

_UNSEEN = ("script", "style", "head", "title", "template")
_OPENERS = re.compile(rf"<(?:!--|(?:{'|'.join(_UNSEEN)})\b)", re.IGNORECASE | re.ASCII)
_CLOSERS = {name: re.compile(rf"</{name}\b[^>]*+>?", re.IGNORECASE | re.ASCII) for name in _UNSEEN} | {
    "!--": re.compile("-->")
}
_BREAKS = re.compile(
    r"<(?:/?(?:p|div|br|tr|table|li|ul|ol|h[1-6]|blockquote|hr|section)\b)[^>]*+>?", re.IGNORECASE | re.ASCII
)
_TAG = re.compile(r"<[a-zA-Z/!?][^>]*+>?")


def text(source: str, most: int | None = None) -> str:
    """The text, with a line break where a block ends; unseen parts left out. Of `most` letters of source, if given."""
    words = " ".join(shown(source)[:most].split())
    return html.unescape(_TAG.sub("", _BREAKS.sub("\n", words))).strip()


def shown(source: str) -> str:
    """Without comments, scripts, styles and the head: one pass, each closing tag sought once."""
    out: list[str] = []
    at = 0
    while match := _OPENERS.search(source, at):
        out.append(source[at : match.start()])
        at = _after(source, match[0][1:].lower(), match.end())
    out.append(source[at:])
    return "".join(out)


def _after(source: str, opener: str, at: int) -> int:
    """Past the closing tag; an element never closed swallows the rest."""
    match = _CLOSERS[opener].search(source, at)
    return match.end() if match else len(source)
