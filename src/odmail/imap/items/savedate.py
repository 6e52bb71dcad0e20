"""SAVEDATE: when the message came into this mailbox.  RFC 8514 4.2"""

from odmail.imap import writer
from odmail.imap.item import plain
from odmail.mailbox.model import Need

ITEMS = (plain(b"SAVEDATE %b", "8514 4.2", Need.DATES, lambda rows: map(writer.date_time, rows.saved), "SAVEDATE"),)
