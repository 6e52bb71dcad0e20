"""The base subject, by which replies find their thread.  RFC 5256 2.1"""

import re

from odmail.message import header

_SPACES = re.compile(r"[ \t\r\n]+")
_BLOB = r"\[[^\[\]]*+\][ \t]*+"
_BLOBS = re.compile(rf"(?:{_BLOB})*+")
_MARK = re.compile(rf"(?:re|fwd?)[ \t]*+(?:{_BLOB})?+:[ \t]*+", re.IGNORECASE)


def base(raw: bytes) -> str:
    """The base subject of a Subject field's body, in the letters it was written in."""
    text = _SPACES.sub(" ", header.decode(raw[:10_000])).strip()
    while True:
        text = _strip_leaders(_strip_trailers(text))
        # RFC 5256 2.1 step 6: [fwd: ...] around all of it comes off, then all again
        if text[:5].lower() == "[fwd:" and text.endswith("]"):
            text = text[5:-1]
        else:
            return text.strip()


def _strip_trailers(text: str) -> str:
    end = len(text)
    while True:
        if text[end - 5 : end].lower() == "(fwd)":
            end -= 5
        elif end and text[end - 1] == " ":
            end -= 1
        else:
            return text[:end]


def _strip_leaders(text: str) -> str:
    """Blobs come off with the mark they precede, and before anything else, but for the last one if nothing is left."""
    at = len(text) - len(text.lstrip(" "))
    while True:
        end = _end_of_blobs(text, at)
        if match := _MARK.match(text, end):
            at = match.end()
        elif end < len(text):
            return text[end:]
        else:
            return text[max(at, text.rfind("[", at)) :]


def _end_of_blobs(text: str, at: int) -> int:
    match = _BLOBS.match(text, at)
    return match.end() if match else at


def is_reply(raw: bytes) -> bool:
    """Whether the subject marks a reply or a forward.  RFC 5256 2.1"""
    text = _SPACES.sub(" ", header.decode(raw[:10_000])).strip()
    if text.lower().endswith("(fwd)") or (text[:5].lower() == "[fwd:" and text.endswith("]")):
        return True
    return bool(_MARK.match(text, _end_of_blobs(text, 0)))
