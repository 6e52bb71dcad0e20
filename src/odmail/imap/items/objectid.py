"""EMAILID and THREADID: ids that follow a message and its conversation through all mailboxes.  RFC 8474 5"""

from odmail.imap.item import plain
from odmail.mailbox.model import Need

ITEMS = (
    plain(b"EMAILID (M%d)", "8474 5.1", Need(0), lambda rows: rows.message, "OBJECTID"),
    plain(b"THREADID (T%d)", "8474 5.2", Need.THREAD, lambda rows: rows.thread, "OBJECTID"),
)
