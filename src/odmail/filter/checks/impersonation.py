"""A display name that shows an address of ours over somebody else's: the oldest trick of those who ask for money."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from odmail.filter.case import Case
from odmail.filter.check import Check, Tools
from odmail.message import address, header
from odmail.queue.verdict import Action, Finding

_ADDRESS = re.compile(r"[^\s<>\"'(),;:@]{1,64}@([A-Za-z0-9.-]{1,253})")


def check(case: Case, tools: Tools) -> Iterable[Finding]:
    """From and Reply-To say one thing and mean another."""
    fields = header.index(case.header, {b"from", b"reply-to"})
    for name in (b"from", b"reply-to"):
        for each in address.parse(fields.get(name, b""))[:20]:
            if tools.is_ours(each.spec.rpartition("@")[2].lower()):
                continue
            domain = next(filter(tools.is_ours, _shown(each.display)), "")
            if domain:
                yield Finding("impersonation", "display-name", f"shows an address of {domain}", 4.0, Action.JUNK)
                return


def _shown(display: str) -> Iterator[str]:
    """The domains of addresses that people see, whatever letters look like theirs and whatever is invisible."""
    plain = unicodedata.normalize("NFKC", display).replace("\u3002", ".")
    seen = "".join(each for each in plain if unicodedata.category(each) != "Cf")
    return (found[1].lower().strip(".") for found in _ADDRESS.finditer(seen))


CHECK = Check("impersonation", 20, check, outside=True)
