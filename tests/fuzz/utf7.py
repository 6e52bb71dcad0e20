"""Mailbox names: octets that are read are written again as they were, and so is any text.  odmail.imap.utf7"""

from odmail.imap import utf7


def one(data: bytes) -> None:
    text = data.decode("utf-8", "ignore")
    assert utf7.decode(utf7.encode(text)) == text
    try:
        name = utf7.decode(data)
    except ValueError:
        return
    assert utf7.encode(name) == data
    name.encode("utf-8")
