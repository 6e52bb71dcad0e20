"""EMAILID and THREADID: ids that follow a message and its conversation through all mailboxes.  RFC 8474 5"""

from odmail.imap.item import plain
from odmail.mailbox.model import Need, Row


def write_email(row: Row) -> bytes:
    return b"EMAILID (M%d)" % row.message


def write_thread(row: Row) -> bytes:
    return b"THREADID (T%d)" % row.thread


ITEMS = (
    plain(b"EMAILID", "8474 5.1", Need(0), write_email, "OBJECTID"),
    plain(b"THREADID", "8474 5.2", Need.THREAD, write_thread, "OBJECTID"),
)
