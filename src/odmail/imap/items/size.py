"""RFC822.SIZE: the message's octets.  RFC 9051 7.5.2"""

from odmail.imap.item import plain
from odmail.mailbox.model import Need, Row


def write_size(row: Row) -> bytes:
    return b"RFC822.SIZE %d" % row.size


ITEMS = (plain(b"RFC822.SIZE", "9051 7.5.2", Need.SIZE, write_size),)
