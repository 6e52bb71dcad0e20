"""Folders and collections that are shared: the use cases over both, for the command line and the pages.

What is shared lies with its owner, in a drive or among collections; whoever shares it is told of in the audit trail.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from odcore.directory.model import Person, Post
from odcore.errors import Fault, Kind
from odcore.sharing import identifiers
from odcore.sharing.api import Owner, Register
from odcore.sharing.delegation import giver
from oddav.drive import sharing as of_files
from oddav.drive.store.drives import Drives
from oddav.drive.store.model import Share as FileShare
from oddav.drive.store.names import path_of
from oddav.scheduling.users import of_post
from oddav.store import sharing as of_collections
from oddav.store.first import first
from oddav.store.model import Kind as Holds
from oddav.store.model import Right
from oddav.store.model import Share as CollectionShare
from oddav.store.store import Home, Store

_RIGHTS = {"free-busy": Right.FREE_BUSY, "read": Right.READ, "write": Right.WRITE}


class Given(msgspec.Struct, frozen=True):
    """`what` is a folder's path or a collection's name."""

    what: str
    subject: str
    right: str
    giver: str = ""  # in what is a post's: the holder with whose charge it ends


class Area(Protocol):
    """One kind of what can be shared."""

    noun: str
    rights: tuple[str, ...]  # the least first

    def given(self, owner: Person | Post) -> list[Given]:
        """By whom is let into what."""

    def give(self, owner: Person | Post, new: Given) -> None:
        """In place of what they were given before. Faults NOT_FOUND, BAD_REQUEST, LIMIT, UNSUPPORTED."""

    def is_all(self, what: str) -> bool:
        """Is that everything they have here? Fault BAD_REQUEST."""

    def end(self, owner: Person | Post, what: str, subject: str) -> None:
        """Fault NOT_FOUND when it is not shared with them."""

    def open_to(self, owner: Person | Post, asked: Owner) -> dict[str, str]:
        """What the person for whom `asked` was looked up may do there: rights by what they are for, "" for all."""


class Folders:
    """Of a drive, with all below them."""

    noun = "folder"
    rights: tuple[str, ...] = ("read", "write")

    def __init__(self, register: Register, drives: Drives) -> None:
        self._register = register
        self._drives = drives

    def given(self, owner: Person | Post) -> list[Given]:
        found = self._drives.open(owner.id).shares()
        return [Given(each.path, each.subject, self.rights[each.writes], each.giver) for each in found]

    def give(self, owner: Person | Post, new: Given) -> None:
        share = FileShare(path_of(new.what), new.subject, new.right == "write", new.giver)
        of_files.share(self._register, self._drives.open(owner.id), share)

    def is_all(self, what: str) -> bool:
        return path_of(what) == "/"

    def end(self, owner: Person | Post, what: str, subject: str) -> None:
        of_files.unshare(self._register, self._drives.open(owner.id), path_of(what), subject)

    def open_to(self, owner: Person | Post, asked: Owner) -> dict[str, str]:
        granted = of_files.granted(asked, self._drives.open(owner.id))
        return {path: self.rights[path in granted.writes] for path in granted.reads}


class Collections:
    """Calendars, lists of tasks, address books."""

    noun = "collection"
    rights: tuple[str, ...] = tuple(_RIGHTS)

    def __init__(self, register: Register, store: Store) -> None:
        self._register = register
        self._store = store

    def home(self, owner: Person | Post) -> Home:
        """Made with what everybody has from the beginning."""
        born = first(owner.language) if isinstance(owner, Person) else first("en", of_post(owner).name)
        return self._store.open(owner.id, born)

    def given(self, owner: Person | Post) -> list[Given]:
        found = self.home(owner).shares()
        return [Given(each.collection, each.subject, self._word(each.right), each.giver) for each in found]

    def give(self, owner: Person | Post, new: Given) -> None:
        home, right = self.home(owner), _RIGHTS[new.right]
        with home.view() as view:
            collection = view.collection(new.what)
        if right is Right.FREE_BUSY and (collection.kind != Holds.CALENDAR or "VEVENT" not in collection.components):
            raise Fault(Kind.UNSUPPORTED, "Only calendars tell when somebody is busy.")
        of_collections.share(self._register, home, CollectionShare(new.what, new.subject, right, new.giver))

    def is_all(self, what: str) -> bool:  # noqa: ARG002 - a collection is never all
        return False

    def end(self, owner: Person | Post, what: str, subject: str) -> None:
        of_collections.unshare(self._register, self.home(owner), what, subject)

    def open_to(self, owner: Person | Post, asked: Owner) -> dict[str, str]:
        granted = of_collections.granted(asked, self.home(owner))
        whole = {"": self._word(granted.whole)} if granted.whole else {}
        return whole | {name: self._word(right) for name, right in sorted(granted.each.items())}

    def _word(self, right: Right) -> str:
        return next(word for word, each in _RIGHTS.items() if each is right)


class Shares:
    """One area, in somebody's name."""

    def __init__(self, area: Area, directory: identifiers.Finder, record: Callable[..., object], actor: str) -> None:
        """`record` is the audit trail's."""
        self.area = area
        self._directory = directory
        self._record = record
        self._actor = actor

    def share(
        self,
        owner: Person | Post,
        what: str,
        identifier: str,
        right: str,
        *,
        standing: bool = False,
        everything: bool = False,
    ) -> None:
        """In what is a post's it ends with the charge of its holder, unless it is `standing`.

        A whole drive is shared only by who says that `everything` is meant. Faults NOT_FOUND, BAD_REQUEST for the owner
        or what is no folder, LIMIT, UNSUPPORTED for a right that means nothing there, DENIED for everything unsaid.
        """
        if self.area.is_all(what) and not everything:
            raise Fault(Kind.DENIED, "That would share everything there is: say that it is meant.")
        self.area.give(owner, Given(what, self._subject(owner, identifier), right, "" if standing else giver(owner)))
        self._tell("shared", owner, what, identifier, right=right)

    def unshare(self, owner: Person | Post, what: str, identifier: str) -> None:
        """From the next request on. Faults NOT_FOUND, BAD_REQUEST."""
        self.area.end(owner, what, self._subject(owner, identifier))
        self._tell("unshared", owner, what, identifier)

    def _subject(self, owner: Person | Post, identifier: str) -> str:
        """Nothing is taken away here: whoever is not named has no right."""
        if identifier.startswith("-"):
            raise Fault(Kind.BAD_REQUEST, "A dash has no meaning here: end what is shared instead.")
        return identifiers.other(self._directory, owner.id, identifier)

    def _tell(self, done: str, owner: Person | Post, what: str, identifier: str, **more: str) -> None:
        facts = {self.area.noun: what, "with": identifier, **more}
        self._record(f"{self.area.noun}-{done}", self._actor, owner.id, **facts)
