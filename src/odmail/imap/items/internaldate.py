"""INTERNALDATE: when the message arrived.  RFC 9051 2.3.3"""

from odmail.imap import writer
from odmail.imap.item import plain
from odmail.mailbox.model import Need

ITEMS = (plain(b"INTERNALDATE %b", "9051 2.3.3", Need.DATES, lambda rows: map(writer.date_time, rows.received)),)
