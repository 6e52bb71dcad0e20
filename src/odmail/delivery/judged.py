"""A verdict as far as scripts ask for it.  RFC 5235"""

import msgspec

from odmail.filter.spam_headers import spamtest
from odmail.queue.verdict import Verdict


class Judged(msgspec.Struct, frozen=True):
    """What the checks at the door thought of a message."""

    junk: bool = False
    spam: float | None = None  # 0 is surely none, 1 surely is; None: not judged
    virus: int | None = None  # RFC 5235 3.3: 1 is clean; what is infected does not come in
    answerable: bool = True  # its sender is who it says: a report will not hit somebody else


def judge(verdict: Verdict | None, junk_score: float) -> Judged:
    """Mail that had to pass no checks is our own, and so is its sender."""
    if verdict is None:
        return Judged()
    scanned = verdict.of("clamav")
    return Judged(
        junk=verdict.junk,
        spam=(spamtest(verdict, junk_score) - 1) / 9,
        virus=1 if scanned is not None and scanned.result == "clean" else None,
        answerable=any(each.check in ("spf", "dmarc") and each.result == "pass" for each in verdict.findings),
    )
