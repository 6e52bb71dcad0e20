"""Mail to a post whose holder left not long ago: its sender is told, or the former holder gets it too.

The post gets its mail all the same: the one who holds it now has it. What is done besides goes the way of vacation and
redirect, with their restraint: one answer to a sender, none to lists, machines and junk.
"""

from collections.abc import Callable
from datetime import datetime

import msgspec

from odcore import clock
from odcore.directory.api import Directory
from odcore.directory.model import AccountKind, AccountRef, Charge, FormerRule, Person, Post, State
from odcore.errors import Fault, Kind
from odmail.delivery.languages import words_for
from odmail.sieve.actions import Redirect, Vacation
from odmail.sieve.mail import Fields
from odmail.tenure.settings import TenureSettings
from odmail.words import Say, _

Rule = Callable[[Fields, str], list[Vacation | Redirect]]
"""What is to be done besides with a message of these fields, from this sender."""


class Left(msgspec.Struct, frozen=True):
    """Who left which post, and who is there now."""

    post: Post
    person: Person
    charge: Charge
    holders: tuple[Person, ...]


class Former:
    """The house's rule for all posts that have none of their own."""

    def __init__(self, directory: Directory, settings: TenureSettings) -> None:
        self._directory = directory
        self._settings = settings

    def rule(self, account: AccountRef) -> Rule | None:
        """None for most accounts: people, and posts that nobody left within the time that is set."""
        if account.kind is not AccountKind.POST:
            return None
        post = self._directory.post(account.id)
        rule = post.former or FormerRule(self._settings.former)
        left = self._left(post) if rule is not FormerRule.NOTHING else None
        if left is None or (rule is FormerRule.FORWARD and left.person.state is not State.ACTIVE):
            return None
        if rule is FormerRule.INFORM:
            return lambda _fields, sender: [self._notice(left, sender)]
        return lambda fields, _sender: [Redirect(left.person.addresses[0])] if _names(fields, left.person) else []

    def _left(self, post: Post) -> Left | None:
        """The last who did. Fault TRY_LATER when the directory is away."""
        now = clock.now()
        present = post.holders(now)
        over = [each for each in post.charges if _is_recent(each, now, self._settings) and each.person not in present]
        if not over:
            return None
        charge = max(over, key=lambda each: (each.end or now, each.start))
        try:
            person = self._directory.person(charge.person)
            holders = tuple(self._directory.person(each) for each in present)
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise
            return None
        return Left(post, person, charge, holders)

    def _notice(self, left: Left, sender: str) -> Vacation:
        words = words_for(self._directory, sender)
        return Vacation(
            words.each(lambda say: _text(say, left)),
            int(self._settings.former_for),
            subject=words.first(_("{post} has been handed over")).format(post=left.post.title),
            handle=f"handover {left.person.id} {left.charge.end}",
        )


def _is_recent(charge: Charge, now: datetime, settings: TenureSettings) -> bool:
    return charge.end is not None and 0 <= (now - charge.end).total_seconds() < settings.former_for


def _names(fields: Fields, person: Person) -> bool:
    """Is the person named, though the address is the post's?"""
    names = [name.casefold() for name in (person.name, *person.names.values()) if name]
    texts = [each.text.casefold() for name in ("to", "cc") for each in fields.named(name)]
    return any(name in text for name in names for text in texts)


def _text(say: Say, left: Left) -> str:
    day = left.charge.end.astimezone().strftime("%d-%m-%Y") if left.charge.end else ""
    facts = {
        "post": left.post.title,
        "person": left.person.name,
        "day": day,
        "holders": ", ".join(each.name for each in left.holders),
        "address": left.person.addresses[0],
    }
    lines = [
        say(_("{person} handed over the post {post} on {day}.")),
        say(_("It is now held by {holders}.")) if left.holders else say(_("It is vacant at present.")),
        say(_("Your message has reached the post and need not be sent again.")),
    ]
    if left.person.state is State.ACTIVE:
        lines.append(say(_("{person} can be written to at {address}.")))
    return "\n".join(line.format(**facts) for line in lines)
