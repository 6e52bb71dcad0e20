"""What was found out about a message on its way in, and what shall become of it; it travels with the message."""

import enum

import msgspec


class Action(enum.IntEnum):
    """What a finding alone asks for; of several the greatest counts."""

    NONE = 0
    JUNK = 1  # delivered, into Junk
    DEFER = 2  # not now
    REFUSE = 3  # never


class Finding(msgspec.Struct, frozen=True):
    """One check's result. `facts` go into Authentication-Results as they are ("smtp.mailfrom", "a@b.example")."""

    check: str  # "spf", "dkim", "attachment", ...
    result: str  # as RFC 8601 calls it where it does, else the check's own word
    reason: str = ""  # for people: one line
    score: float = 0.0  # adds to the message's score; below 0 speaks for it
    action: Action = Action.NONE
    code: str = ""  # enhanced status code of a refusal (RFC 3463, RFC 7372), "" for the usual one
    facts: tuple[tuple[str, str], ...] = ()
    name: str = ""  # of the client, where "iprev" found one that leads back to its address


class Verdict(msgspec.Struct, frozen=True):
    """All findings, in the order they were made, and what they add up to."""

    findings: tuple[Finding, ...] = ()
    score: float = 0.0
    junk: bool = False

    def of(self, check: str) -> Finding | None:
        """The first finding of a check."""
        return next((each for each in self.findings if each.check == check), None)
