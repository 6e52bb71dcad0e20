"""INTERNALDATE: when the message arrived.  RFC 9051 2.3.3"""

from odmail.imap import writer
from odmail.imap.item import plain
from odmail.mailbox.model import Need, Row


def write_received(row: Row) -> bytes:
    return b"INTERNALDATE " + writer.date_time(row.received)


ITEMS = (plain(b"INTERNALDATE", "9051 2.3.3", Need.DATES, write_received),)
