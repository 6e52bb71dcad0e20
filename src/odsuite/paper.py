"""A world for scripts that are only tried: no mailboxes but INBOX, nothing remembered, mail may go anywhere."""

from datetime import datetime

from odcore import clock


class Paper:
    """`odmail.sieve.house.Lookup`."""

    def now(self) -> datetime:
        """In this machine's zone."""
        return clock.now().astimezone()

    def mailbox_exists(self, name: str) -> bool:
        """Only the one that is always there."""
        return name.upper() == "INBOX"

    def special_use_exists(self, use: str, mailbox: str = "") -> bool:
        """None."""
        return False

    def mailbox_id_exists(self, mailbox_id: str) -> bool:
        """None."""
        return False

    def annotation(self, mailbox: str | None, name: str) -> str | None:
        """None."""
        return None

    def is_duplicate(self, key: str) -> bool:
        """Everything is new."""
        return False

    def script(self, name: str, *, site: bool) -> str | None:
        """None."""
        return None

    def environment(self, item: str) -> str | None:
        """Where it would be run."""
        return {"location": "MDA", "name": "odmail", "phase": "during"}.get(item)

    def may_send_to(self, address: str) -> str:
        """Policy is the house's, and this is none."""
        return ""
