"""What a running script asks of the world around it."""

from datetime import datetime
from typing import Protocol

import msgspec


class Envelope(msgspec.Struct, frozen=True):
    """How the message came, and what is known of it besides its octets."""

    sender: str
    recipient: str  # as it was addressed, "+detail" included
    spam: float | None = None  # 0 is surely none, 1 surely is; None: not judged
    virus: int | None = None  # 0 not judged, 1 clean ... 5 surely infected.  RFC 5235 3.3
    remote_host: str = ""  # of the client that brought it, "" where not known.  RFC 5183 4.1
    remote_ip: str = ""


class Lookup(Protocol):
    """Questions about the account, the directory and the node. Each may touch the disk."""

    def now(self) -> datetime:
        """Aware."""

    def mailbox_exists(self, name: str) -> bool:
        """Could a message be filed there?"""

    def special_use_exists(self, use: str, mailbox: str = "") -> bool:
        """Is there a mailbox with this use, or has `mailbox` it?"""

    def mailbox_id_exists(self, mailbox_id: str) -> bool:
        """Is there such a mailbox?"""

    def annotation(self, mailbox: str | None, name: str) -> str | None:
        """RFC 5464; None of a mailbox is the server."""

    def is_duplicate(self, key: str) -> bool:
        """Was `key` remembered, and not too long ago?"""

    def script(self, name: str, *, site: bool) -> str | None:
        """A script to be included: the owner's own, or the site's."""

    def environment(self, item: str) -> str | None:
        """RFC 5183 4, what does not depend on the message; None for what is not known."""

    def may_send_to(self, address: str) -> str:
        """ "" when mail may be sent there by a script, else why not."""
