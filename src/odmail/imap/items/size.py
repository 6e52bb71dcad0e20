"""RFC822.SIZE: the message's octets.  RFC 9051 7.5.2"""

from odmail.imap.item import plain
from odmail.mailbox.model import Need

ITEMS = (plain(b"RFC822.SIZE %d", "9051 7.5.2", Need.SIZE, lambda rows: rows.size),)
