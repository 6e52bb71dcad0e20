"""SAVEDATE: when the message came into this mailbox.  RFC 8514 4.2"""

from odmail.imap import writer
from odmail.imap.item import plain
from odmail.mailbox.model import Need, Row


def write_saved(row: Row) -> bytes:
    return b"SAVEDATE " + writer.date_time(row.saved)


ITEMS = (plain(b"SAVEDATE", "8514 4.2", Need.DATES, write_saved, "SAVEDATE"),)
