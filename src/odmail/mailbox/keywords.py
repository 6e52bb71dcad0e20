"""Keywords: names an account gives to the 63 bits of a message's second flag word.  RFC 9051 2.3.2"""

from sqlalchemy import bindparam, insert, select

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from odmail.mailbox import schema
from odmail.mailbox.model import MOST_KEYWORDS
from odmail.mailbox.transaction import Transaction

_OCTETS = 255

_keyword = schema.keyword
_ALL = statement(select(_keyword.c.name).where(_keyword.c.account == bindparam("account")).order_by(_keyword.c.bit))
_ADD = statement(insert(_keyword))


def names(tx: Transaction) -> tuple[str, ...]:
    """Names by bit, in the letter case of their first use."""
    return tuple(name for (name,) in tx.cursor.all(_ALL, {"account": tx.account}))


def bits(tx: Transaction, wanted: tuple[str, ...], *, make: bool) -> int:
    """The word with the bits of `wanted` set. Unknown names get a bit when `make`, else they are left out."""
    if not wanted:
        return 0
    known = {name.lower(): bit for bit, name in enumerate(names(tx))}
    word = 0
    for name in wanted:
        bit = known.get(name.lower())
        if bit is None and make:
            bit = known[name.lower()] = _add(tx, name, len(known))
        if bit is not None:
            word |= 1 << bit
    return word


def _add(tx: Transaction, name: str, bit: int) -> int:
    if bit >= MOST_KEYWORDS:
        raise Fault(Kind.LIMIT, "Too many different keywords.")
    if len(name.encode()) > _OCTETS:
        raise Fault(Kind.LIMIT, "The keyword is too long.")
    tx.cursor.execute(_ADD, {"account": tx.account, "bit": bit, "name": name})
    return bit
