"""Identifiers in access lists: what people type and read, and the subjects they stand for.  RFC 4314 2, 3

    anyone                              everybody who signed in
    owner                               whose mailbox it is: a person, or whoever holds the post
    sasmita.nayak, sasmita@...          a person, by uid or any address; shown by the primary address
    collector.khordha, collector@...    a post: whoever holds it; shown by the primary address
    group:secretariat, secretariat@...  a group with all it unfolds to; shown as "group:" and its name
    office:khordha                      the people and posts of an office and of those below it

A list keeps the entry's id and never what was typed: names are given to somebody else one day, ids are not.
"""

from collections.abc import Callable
from typing import Protocol

from odcore.directory.model import Group, Office, Person, Post
from odcore.errors import Fault, Kind
from odcore.identity.saslprep import saslprep
from odcore.ids import AccountId
from odcore.sharing.api import ANYONE, OWNER

_GROUP, _OFFICE = "group:", "office:"
_LONGEST = 320


class Finder(Protocol):
    """`odcore.directory.api.Directory`, as far as it is needed here."""

    def person(self, key: str) -> Person: ...

    def post(self, key: str) -> Post: ...

    def group(self, key: str) -> Group: ...

    def office(self, key: str) -> Office: ...


def subject(directory: Finder, identifier: str) -> str:
    """Faults BAD_REQUEST for what cannot be an identifier, NOT_FOUND for one that is nobody's."""
    name = saslprep(identifier).strip()
    if not name or len(name) > _LONGEST:
        raise Fault(Kind.BAD_REQUEST, "That is no identifier.")
    if name.lower() in (ANYONE, OWNER):
        return name.lower()
    if name.lower().startswith(_GROUP):
        return f"group:{directory.group(name[len(_GROUP) :]).id}"
    if name.lower().startswith(_OFFICE):
        return f"office:{directory.office(name[len(_OFFICE) :]).id}"
    finders: tuple[tuple[str, Callable[[str], Person | Post | Group]], ...] = (
        ("person", directory.person),
        ("post", directory.post),
        ("group", directory.group),
    )
    for kind, find in finders if "@" in name else finders[:2]:
        try:
            return f"{kind}:{find(name).id}"
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise
    raise Fault(Kind.NOT_FOUND, "There is nobody of that name.")


def other(directory: Finder, owner: AccountId, identifier: str) -> str:
    """The same in a list of `owner`'s. An identifier that is an id stands for somebody who has left the directory.

    Faults as `subject`; BAD_REQUEST for the owner.
    """
    kind, _, key = identifier.partition(":")
    known = kind in ("person", "post", "group", "office") and len(key) == len(owner)
    found = identifier if known else subject(directory, identifier)
    if found in (OWNER, of_account(owner, post=False), of_account(owner, post=True)):
        raise Fault(Kind.BAD_REQUEST, "The owner has all rights and keeps them.")
    return found


def identifier(directory: Finder, subject: str) -> str:
    """Who has left the directory is shown by the id."""
    kind, _, key = subject.partition(":")
    try:
        if kind == "person":
            person = directory.person(key)
            return person.addresses[0] if person.addresses else person.uid
        if kind == "post":
            post = directory.post(key)
            return post.addresses[0] if post.addresses else post.cn
        if kind == "group":
            return _GROUP + directory.group(key).cn
        if kind == "office":
            return _OFFICE + directory.office(key).ou
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
    return subject


def of_account(account: AccountId, *, post: bool) -> str:
    """The subject that is this person or post."""
    return f"{'post' if post else 'person'}:{account}"
