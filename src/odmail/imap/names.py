"""Mailbox names: whose mailbox a name means.  RFC 2342, RFC 9051 5.1

A person's own mailboxes stand at the top. The mailboxes of posts they hold stand below `Posts/<post>/`, each served
from the post's own account on behalf of the person. A name that leads nowhere and one that leads to a post held by
somebody else are the same thing: nonexistent.
"""

import unicodedata

import msgspec

from odcore.directory.model import AccountKind, AccountRef, Post
from odcore.errors import Fault, Kind
from odmail.mailbox.api import MailAccount
from odmail.mailbox.model import SEPARATOR, Mailbox
from odmail.mailbox.names import normalize

SHARED = "Posts"
PREFIX = SHARED + SEPARATOR

MAX_LEVELS = 20


class Place(msgspec.Struct, frozen=True):
    """A name resolved: `name` in `account`, acted on by `reader`."""

    account: MailAccount
    name: str
    reader: str = ""
    prefix: str = ""

    @property
    def title(self) -> str:
        """What the client calls it."""
        return self.prefix + self.name

    def mailbox(self) -> Mailbox:
        """Its row. Fault NOT_FOUND for a name that only stands above others. Blocks."""
        box = self.account.mailbox(self.name, self.reader)
        if not box.selectable:
            raise Fault(Kind.NOT_FOUND, "No such mailbox")
        return box


def check(name: str) -> None:
    """May a client call a new mailbox so? The store has the last word; these names only no client could list."""
    if name.count(SEPARATOR) >= MAX_LEVELS:
        raise Fault(Kind.LIMIT, "Mailbox name has too many levels")
    if any(letter in name for letter in "%*"):
        raise Fault(Kind.BAD_REQUEST, "Mailbox name has a wildcard")


def labels(posts: tuple[Post, ...]) -> dict[str, Post]:
    """What each post is called below `Posts/`: its local part, or its address where two share one."""
    named: dict[str, Post] = {}
    for post in posts:
        local = unicodedata.normalize("NFC", post.cn.replace(SEPARATOR, "_"))
        named[local if local not in named else reference(post).address] = post
    return named


def split_shared(name: str) -> tuple[str, str] | None:
    """("collector.khordha", "INBOX") for "Posts/collector.khordha/INBOX"; None for a name of one's own."""
    if name != SHARED and not name.startswith(PREFIX):
        return None
    label, _, local = name[len(PREFIX) :].partition(SEPARATOR)
    return label, normalize(local)


def reference(post: Post) -> AccountRef:
    """The post as the owner of its mailbox."""
    return AccountRef(post.id, AccountKind.POST, next(iter(post.addresses), post.cn), post.title, post.quota)
