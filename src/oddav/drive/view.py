"""What one signed-in person sees: their own files at the top; below `Posts` those of each post they hold.

Below `Shared` are the folders that others let them into, by whose they are and at the path they have there.
"""

from collections.abc import Callable, Iterable, Iterator

import msgspec

from odcore.directory.model import Post
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.sharing.api import Owner, Sharing
from oddav.drive.sharing import WHOLE, Granted, granted, inside
from oddav.drive.store.drive import Drive
from oddav.drive.store.drives import Drives
from oddav.drive.store.names import below, key_of, path_of, split

POSTS, SHARED = "/Posts", "/Shared"
_TAKEN = {key_of(each[1:]): each for each in (POSTS, SHARED)}


class Place(msgspec.Struct, frozen=True):
    """A path of the view: in whose drive, and where in it. `prefix` is where that drive begins, "" for one's own."""

    drive: Drive
    path: str
    prefix: str = ""
    granted: Granted = WHOLE

    def member(self, name: str) -> "Place":
        """What is called so in this folder."""
        return msgspec.structs.replace(self, path=below(self.path) + name)

    def shown(self, path: str) -> str:
        """A path of this drive as the view has it."""
        return self.prefix + path if path != "/" else self.prefix or "/"

    def to_change(self) -> "Place":
        """For what changes a file or folder that stays where it is. Fault DENIED."""
        return self._if(inside(self.path, self.granted.writes))

    def to_name(self) -> "Place":
        """For what makes, replaces or removes it: that changes the folder it is in. Fault DENIED."""
        if self.path == "/":
            raise Fault(Kind.DENIED, "This folder cannot be changed.")
        return self._if(inside(split(self.path)[0], self.granted.writes))

    def _if(self, allowed: bool) -> "Place":
        if not allowed:
            raise Fault(Kind.DENIED, "This is shared with you to be read, not to be changed.")
        return self


class Way(msgspec.Struct, frozen=True):
    """A folder that is kept nowhere: it only leads to others."""

    path: str
    names: tuple[str, ...]


class View:
    """Cheap to make: one for each request."""

    def __init__(
        self,
        drives: Drives,
        posts: Callable[[Principal], Iterable[Post]],
        sharing: Sharing,
        principal: Principal,
        is_valid: Callable[[Principal], bool],
    ) -> None:
        self.person = principal.person.id
        self._principal = principal
        self._drives = drives
        self._posts_of = posts
        self._sharing = sharing
        self._is_valid = is_valid
        self._posts: dict[str, Post] | None = None
        self._others: dict[str, tuple[Owner, Granted]] | None = None
        self._looked: dict[str, Place | Way] = {}

    def look_again(self, path: str) -> Place:
        """For a request that lasts: as `place`, by what is so now. Fault DENIED for who may be signed in no more."""
        if not self._is_valid(self._principal):
            raise Fault(Kind.DENIED, "Access has ended.")
        self._posts = self._others = None
        self._looked.clear()
        return self.place(path)

    def posts(self) -> dict[str, Post]:
        """Those held, by name. Asks the directory once."""
        if self._posts is None:
            self._posts = {post.cn: post for post in self._posts_of(self._principal)}
        return self._posts

    def others(self) -> dict[str, tuple[Owner, Granted]]:
        """Those who let this person into folders of theirs, by name. Asks once."""
        if self._others is None:
            posts, people = self._sharing.around(self._principal)
            found = [(owner, granted(owner, self._open(owner))) for owner in (*posts, *people) if not owner.holds]
            self._others = {owner.label: (owner, given) for owner, given in found if given.reads}
        return self._others

    def tops(self) -> list[str]:
        """The folders beside one's own files."""
        return [path for path, any_in_it in ((POSTS, self.posts), (SHARED, self.others)) if any_in_it()]

    def places(self) -> Iterator[Place]:
        """Each drive that is seen, one's own first."""
        yield self._own("/")
        yield from (self._held(post, "/") for post in self.posts().values())
        yield from (self._shared(owner, given, "/") for owner, given in self.others().values())

    def place(self, path: str) -> Place:
        """Where files can be. Faults as `look`, DENIED for a folder that is kept nowhere."""
        found = self.look(path)
        if isinstance(found, Way):
            raise Fault(Kind.DENIED, "This folder cannot be changed.")
        return found

    def look(self, given: str) -> Place | Way:
        """What a path means. Faults BAD_REQUEST, NOT_FOUND; DENIED for what would hide `Posts` or `Shared`."""
        found = self._looked.get(given)
        if found is None:
            found = self._looked[given] = self._look(path_of(given))
        return found

    def _look(self, path: str) -> Place | Way:
        _, first, label, *rest = (*path.split("/"), "")
        top = _TAKEN.get(key_of(first))
        if top is None:
            return self._own(path)
        if f"/{first}" != top:
            raise Fault(Kind.DENIED, f'The name "{first}" is taken.')
        found: Place | Way | None = None
        inner = "/" + "/".join(rest).rstrip("/")
        if top == POSTS:
            found = self._below_posts(label, inner)
        elif self.others():
            found = self._below_shared(label, inner)
        if found is None:
            raise Fault(Kind.NOT_FOUND, "There is no such file.")
        return found

    def _below_posts(self, label: str, inner: str) -> Place | Way | None:
        posts = self.posts()
        if not label and posts:
            return Way(POSTS, tuple(sorted(posts)))
        return self._held(posts[label], inner) if label in posts else None

    def _below_shared(self, label: str, inner: str) -> Place | Way | None:
        others = self.others()
        if not label:
            return Way(SHARED, tuple(sorted(others)))
        if label not in others:
            return None
        place = self._shared(*others[label], inner)
        if inside(inner, place.granted.reads):
            return place
        names = place.granted.ways(inner)
        return Way(place.shown(inner), names) if names else None

    def _own(self, path: str) -> Place:
        account = self._principal.account
        return Place(self._drives.open(account.id, account.quota), path)

    def _held(self, post: Post, path: str) -> Place:
        return Place(self._drives.open(post.id, post.quota), path, f"{POSTS}/{post.cn}")

    def _shared(self, owner: Owner, given: Granted, path: str) -> Place:
        return Place(self._open(owner), path, f"{SHARED}/{owner.label}", given)

    def _open(self, owner: Owner) -> Drive:
        return self._drives.open(owner.account.id, owner.account.quota)
