"""A row of a sheet with what became of it: the verdict before anything is made."""

import enum

import msgspec

from odcore.directory.bulk.columns import Row
from odcore.errors import Fault


class Verdict(enum.StrEnum):
    """Of one row."""

    OK = "ok"
    MEND = "mend"  # somebody must correct the row
    EXISTS = "exists"  # this person has an account, or stands in an earlier row
    REFUSED = "refused"  # must not be


class Remark(msgspec.Struct, frozen=True):
    """What is wrong, as a text to be translated and what to fill in."""

    text: str
    facts: dict[str, str] = {}

    def __str__(self) -> str:
        return self.text % self.facts if self.facts else self.text

    @classmethod
    def of(cls, fault: Fault) -> "Remark":
        """What a fault says."""
        return cls("%(reason)s", {"reason": fault.text})


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """`row` is as it was given; the rest is what was understood."""

    row: Row
    verdict: Verdict = Verdict.OK
    remarks: tuple[Remark, ...] = ()
    given: str = ""
    family: str = ""
    odia: str = ""
    employee: str = ""
    mobile: str = ""
    alternate: str = ""
    office: str = ""  # its id
    expires: str = ""  # ISO 8601
    contractor: bool = False
    uid: str = ""  # proposed
    account: str = ""  # the id of who is there already

    @property
    def name(self) -> str:
        """In Latin letters."""
        return f"{self.given} {self.family}".strip()

    @property
    def key(self) -> str:
        """What tells this person from all others, whichever sheet they stand in."""
        return employee_key(self.employee) if self.employee else person_key(self.name, self.mobile)


def employee_key(number: str) -> str:
    """Two spellings of one personnel number give the same."""
    return "e:" + "".join(filter(str.isalnum, number)).casefold()


def person_key(name: str, mobile: str) -> str:
    """For those without a number."""
    return f"p:{''.join(filter(str.isalpha, name)).casefold()}:{mobile}"
