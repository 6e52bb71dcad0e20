"""What one signed-in person sees: their own files at the top, and below `Posts` those of each post they hold."""

from collections.abc import Callable, Iterable

import msgspec

from odcore.directory.model import Post
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from oddav.drive.store.drive import Drive
from oddav.drive.store.drives import Drives
from oddav.drive.store.names import path_of

POSTS = "/Posts"


class Place(msgspec.Struct, frozen=True):
    """A path of the view: in whose drive, and where in it. `prefix` is where that drive begins, "" for one's own."""

    drive: Drive
    path: str
    prefix: str = ""

    def member(self, name: str) -> "Place":
        """What is called so in this folder."""
        return Place(self.drive, f"{self.path.rstrip('/')}/{name}", self.prefix)

    def shown(self, path: str) -> str:
        """A path of this drive as the view has it."""
        return self.prefix + path if path != "/" else self.prefix or "/"


class View:
    """Cheap to make: one for each request."""

    def __init__(self, drives: Drives, posts: Callable[[Principal], Iterable[Post]], principal: Principal) -> None:
        self.person = principal.person.id
        self._principal = principal
        self._drives = drives
        self._posts_of = posts
        self._posts: dict[str, Post] | None = None

    def posts(self) -> dict[str, Post]:
        """Those held, by name. Asks the directory once."""
        if self._posts is None:
            self._posts = {post.cn: post for post in self._posts_of(self._principal)}
        return self._posts

    def place(self, given: str) -> Place | None:
        """None for the folder of posts, which nobody's drive holds. Faults BAD_REQUEST, NOT_FOUND."""
        path = path_of(given)
        if path.casefold().split("/")[1] != POSTS[1:].casefold() or not self.posts():
            return Place(self._drives.open(self._principal.account.id), path)
        if path == POSTS:
            return None
        _, top, name, *rest = (*path.split("/"), "")
        post = self.posts().get(name) if f"/{top}" == POSTS else None
        if post is None:
            raise Fault(Kind.NOT_FOUND, "There is no such file.")
        return Place(self._drives.open(post.id), "/" + "/".join(rest).rstrip("/"), f"{POSTS}/{name}")
