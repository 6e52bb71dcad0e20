"""UID: the message's unique identifier.  RFC 9051 7.5.2"""

from odmail.imap.item import plain
from odmail.mailbox.model import Need

ITEMS = (plain(b"UID %d", "9051 7.5.2", Need(0), lambda rows: rows.uid),)
