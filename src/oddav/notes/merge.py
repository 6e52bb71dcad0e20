"""What becomes of a note with two faces: compared with what both were when they last were alike.

Each state is a note's digest, "" for none. An edit beats a deletion; of two edits both are kept.
"""

import enum


class Verdict(enum.Enum):
    """What is to be done."""

    ALIKE = "nothing"
    TO_JOURNAL = "the mailbox changed"
    TO_MAILBOX = "the journal changed"
    BOTH = "both changed"


def judge(base: str, mailbox: str, journal: str) -> Verdict:
    """`base` is "" also where the two never were alike."""
    if mailbox == journal:
        return Verdict.ALIKE
    if mailbox == base:
        return Verdict.TO_MAILBOX
    if journal in (base, ""):
        return Verdict.TO_JOURNAL
    return Verdict.BOTH if mailbox else Verdict.TO_MAILBOX
