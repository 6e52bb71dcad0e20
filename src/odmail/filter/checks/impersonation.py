"""A display name that shows an address of ours over somebody else's: the oldest trick of those who ask for money."""

import re
from collections.abc import Iterable

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
            shown = _ADDRESS.search(each.display.replace("＠", "@"))
            if shown is None:
                continue
            domain = shown[1].lower().strip(".")
            if tools.is_ours(domain) and not tools.is_ours(each.spec.rpartition("@")[2].lower()):
                yield Finding("impersonation", "display-name", f"shows an address of {domain}", 4.0, Action.JUNK)
                return


CHECK = Check("impersonation", 20, check, outside=True)
