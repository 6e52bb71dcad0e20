"""UID: the message's unique identifier.  RFC 9051 7.5.2"""

from odmail.imap.item import plain
from odmail.mailbox.model import Need, Row


def write_uid(row: Row) -> bytes:
    return b"UID %d" % row.uid


ITEMS = (plain(b"UID", "9051 7.5.2", Need(0), write_uid),)
