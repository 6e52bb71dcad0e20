"""Purging, apart from EXPUNGE: messages that have no place any more go with their octets."""

from sqlalchemy import bindparam, delete, select

from odcore.blob.store import Blobs
from odcore.sql.statement import statement
from odmail.mailbox import schema, text
from odmail.mailbox.transaction import Transaction

_orphan, _placement, _message, _reference = schema.orphan, schema.placement, schema.message, schema.reference
_CANDIDATES = statement(
    select(_orphan.c.message)
    .where(_orphan.c.account == bindparam("account"))
    .order_by(_orphan.c.message)
    .limit(bindparam("most"))
)
_PLACED = statement(select(_placement.c.message).distinct().where(_placement.c.account == bindparam("account")))
_DIGEST = statement(
    select(_message.c.digest).where(
        _message.c.account == bindparam("account"), _message.c.message == bindparam("message")
    )
)
_NAMED = statement(
    select(_message.c.message)
    .where(_message.c.account == bindparam("account"), _message.c.digest == bindparam("digest"))
    .limit(bindparam("most"))
)
_ERASE = [
    statement(delete(table).where(table.c.account == bindparam("account"), table.c.message == bindparam("message")))
    for table in (schema.structure, schema.outline, schema.body, schema.message)
]
_DONE = statement(
    delete(_orphan).where(_orphan.c.account == bindparam("account"), _orphan.c.message == bindparam("message"))
)
_FORGET = statement(
    delete(_reference).where(
        _reference.c.account == bindparam("account"),
        _reference.c.thread.not_in(select(_message.c.thread).where(_message.c.account == bindparam("account"))),
    )
)


def purge(tx: Transaction, most: int) -> tuple[int, set[str]]:
    """Erase the rows of at most so many messages; how many candidates were looked at, and the digests set free."""
    key = {"account": tx.account}
    candidates = [message for (message,) in tx.cursor.all(_CANDIDATES, {**key, "most": most})]
    if not candidates:
        return 0, set()
    placed = {message for (message,) in tx.cursor.execute(_PLACED, key)}
    gone = [{**key, "message": message} for message in candidates if message not in placed]
    rows = [tx.cursor.first(_DIGEST, one) for one in gone]
    for erasure in _ERASE:
        tx.cursor.executemany(erasure, gone)
    text.remove(tx, (one["message"] for one in gone))
    tx.cursor.executemany(_DONE, [{**key, "message": message} for message in candidates])
    return len(candidates), {row[0] for row in rows if row and row[0] is not None}


def delete_blobs(tx: Transaction, digests: set[str], blobs: Blobs) -> None:
    """P4: in a transaction after the one that erased the rows, and only what no row names (see `messages.add`)."""
    for digest in digests:
        if not is_named(tx, digest):
            blobs.delete(digest)


def is_named(tx: Transaction, digest: str) -> bool:
    """Whether a row names the blob."""
    return tx.cursor.first(_NAMED, {"account": tx.account, "digest": digest, "most": 1}) is not None


def sweep(tx: Transaction, blobs: Blobs) -> int:
    """Daily: what a crash left in the blob store, and the ids of threads that have no message. How many files."""
    tx.cursor.execute(_FORGET, {"account": tx.account})
    return blobs.sweep(lambda digest: is_named(tx, digest))
