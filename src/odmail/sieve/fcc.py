"""`:fcc`: a copy of what a script sends is filed, too.  RFC 8580"""

from collections.abc import Callable

from odmail.sieve.actions import Filing
from odmail.sieve.filing import chosen_filing
from odmail.sieve.run import Run
from odmail.sieve.use import Use


def chosen_copy(use: Use) -> Callable[[Run], Filing | None]:
    """None without `:fcc`."""
    if not use.has("fcc"):
        others = [tag for tag in ("create", "flags", "specialuse", "mailboxid") if use.has(tag)]
        if others:
            raise use.fail(f":{others[0]} needs :fcc")
        return lambda run: None
    return chosen_filing(use, use.tag_text("fcc"))
