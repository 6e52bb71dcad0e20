"""Prefer: how much of an answer a program wants.  RFC 8144, RFC 7240"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from oddav.radicale import xml

Headers = dict[str, str]


def wants(environ: dict[str, Any], what: str) -> bool:
    """`return=minimal`, or Brief, its older name; `return=representation`."""
    told = environ.get("HTTP_PREFER", "").lower().replace(" ", "").replace('"', "")
    brief = what == "minimal" and environ.get("HTTP_BRIEF", "").strip().lower() == "t"
    return brief or f"return={what}" in (part for each in told.split(",") for part in each.split(";"))


def applied(what: str) -> Headers:
    """That it was done."""
    return {"Preference_Applied": f"return={what}", "Vary": "Prefer, Brief"}


@contextmanager
def brevity(environ: dict[str, Any]) -> Iterator[Headers]:
    """Within, answers leave out what is not there, when that is preferred; the headers that say so."""
    brief = wants(environ, "minimal")
    token = xml.BRIEF.set(brief)
    try:
        yield applied("minimal") if brief else {}
    finally:
        xml.BRIEF.reset(token)
