"""Message identifiers and what a message refers to.  RFC 5322 3.6.4, RFC 5256"""

import re
from collections.abc import Mapping

MOST = 100
"""References kept: the first one, which began the thread, and the latest ones."""

_ID = re.compile(rb"<([^<>\r\n]{1,1000})>")
_UNQUOTED = re.compile(r'\A"([^"\\]*)"@')


def message_id(value: bytes) -> str:
    """The identifier in a Message-ID field without its brackets, "" when there is none."""
    match = _ID.search(value)
    return _canonical(match[1]) if match else _canonical(value[:1000].split(b" ", 1)[0])


def message_ids(value: bytes) -> list[str]:
    """All identifiers of a References or In-Reply-To field, each once, oldest first, at most MOST."""
    found = list(dict.fromkeys(_canonical(raw) for raw in _ID.findall(value)))
    return found if len(found) <= MOST else [found[0], *found[1 - MOST :]]


def references(fields: Mapping[bytes, bytes]) -> tuple[str, ...]:
    """References, or else the first identifier of In-Reply-To.  RFC 5256 3, step 1"""
    found = message_ids(fields.get(b"references", b""))
    return tuple(found or message_ids(fields.get(b"in-reply-to", b""))[:1])


def _canonical(raw: bytes) -> str:
    # RFC 5256 2.2: identifiers compare with their quoting removed
    text = b"".join(raw.split()).replace(b"\0", b"").decode("utf-8", "replace")
    return _UNQUOTED.sub(r"\1@", text) if text.startswith('"') else text
