"""A tenure, and what its manifest says."""

import uuid
from datetime import datetime

import msgspec

from odcore.directory.model import Charge, Post
from odcore.ids import AccountId

_SPACE = uuid.UUID("0d1b7f0e-5d0c-5a1c-9a55-8b0a4ce5b1a7")


class Tenure(msgspec.Struct, frozen=True):
    """One charge that has ended."""

    id: AccountId  # of the sealed mailbox
    post: AccountId
    person: AccountId
    start: datetime
    end: datetime
    order: str


class Line(msgspec.Struct, frozen=True, order=True):
    """One message of the manifest, or one paper: its folder is then below its area."""

    folder: str
    uid: int
    received: int  # or changed: seconds since the epoch
    octets: int
    sha256: str


class Sealed(msgspec.Struct, frozen=True):
    """The manifest's first line: what was sealed, when, and how much."""

    tenure: Tenure
    at: datetime
    messages: int
    octets: int  # of messages and papers
    papers: int = 0  # items of calendars, tasks, notes and address books, and files
    index: str = ""  # the digest of what names them


class Destroyed(msgspec.Struct, frozen=True):
    """The deed that ended a sealed tenure."""

    at: datetime
    by: str
    order: str


def ended(post: Post, now: datetime) -> list[Tenure]:
    """The tenures of a post that are over; a charge that was void from its first instant is none."""
    return [
        _tenure(post, charge, charge.end) for charge in post.charges if charge.end and charge.start < charge.end <= now
    ]


def _tenure(post: Post, charge: Charge, end: datetime) -> Tenure:
    key = uuid.uuid5(_SPACE, f"{post.id} {charge.person} {charge.start.timestamp():.0f}")
    return Tenure(AccountId(str(key)), post.id, charge.person, charge.start, end, charge.order)
