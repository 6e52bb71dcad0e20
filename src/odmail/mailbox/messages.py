"""What is stored of a message besides its place: the facts of arrival, its octets, its thread."""

from hashlib import blake2b

import msgspec
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from odcore.blob.api import Source
from odcore.blob.incoming import IN_MEMORY
from odcore.blob.store import Blobs
from odcore.sql.statement import statement
from odmail.mailbox import schema
from odmail.mailbox.api import NewMessage
from odmail.mailbox.transaction import Transaction
from odmail.message.model import Links, Parsed
from odmail.message.outline import draw

_REFERENCES = 100
"""At most so many ids of one message are remembered: the newest say most about its thread."""

_reference = schema.reference
_ADD_MESSAGE = statement(insert(schema.message))
_ADD_BODY = statement(insert(schema.body))
_ADD_STRUCTURE = statement(insert(schema.structure))
_ADD_OUTLINE = statement(insert(schema.outline))
_THREAD = statement(
    select(_reference.c.thread).where(
        _reference.c.account == bindparam("account"), _reference.c.hash == bindparam("hash")
    )
)
_ADD_REFERENCE = statement(insert(_reference))
_ADD_NEW_REFERENCE = statement(upsert(_reference).on_conflict_do_nothing())
_RENEW = statement(
    update(schema.message)
    .where(schema.message.c.account == bindparam("account"), schema.message.c.message == bindparam("key"))
    .values(sort=bindparam("sort"), links=bindparam("links"))
)
_encode = msgspec.msgpack.Encoder().encode


class Prepared(msgspec.Struct, gc=False):
    """A message as rows, all work done that needs no transaction."""

    facts: dict[str, object]
    structure: bytes
    body: dict[str, object]
    outline: bytes | None
    hashes: list[int]
    digest: str | None
    source: Source
    new: NewMessage


def prepare(new: NewMessage, blobs: Blobs) -> Prepared:
    """Encode the facts; put large octets into the blob store, durable before any row names them (P4)."""
    parsed, source = new.parsed, new.source
    header, rest, digest = _octets(source, parsed, blobs)
    facts: dict[str, object] = {
        "size": source.size,
        "header_size": parsed.header_size,
        "sent": parsed.sent,
        "sent_day": parsed.sent_day,
        "digest": digest,
        "envelope": parsed.envelope,
        "part": _encode(parsed.part),
        "preview": parsed.preview,
        "attachments": parsed.attachments,
        **_keys(parsed),
    }
    body: dict[str, object] = {"header": header, "rest": rest}
    return Prepared(facts, parsed.structure, body, draw(header), _hashes(parsed), digest, source, new)


def add(tx: Transaction, prepared: Prepared, message: int, blobs: Blobs) -> None:
    """Write the rows of a message under a new key."""
    if prepared.digest is not None and not blobs.holds(prepared.digest):
        keep(prepared.source, blobs)  # purged since `prepare`, by the last other message that had these octets
    key = {"account": tx.account, "message": message}
    thread = _thread(tx, prepared.hashes, message)
    tx.cursor.execute(_ADD_MESSAGE, {**key, "thread": thread, **prepared.facts})
    tx.cursor.execute(_ADD_STRUCTURE, {**key, "octets": prepared.structure})
    tx.cursor.execute(_ADD_BODY, {**key, **prepared.body})
    if prepared.outline is not None:
        add_outline(tx, message, prepared.outline)


def add_outline(tx: Transaction, message: int, outline: bytes) -> None:
    tx.cursor.execute(_ADD_OUTLINE, {"account": tx.account, "message": message, "octets": outline})


def renew(tx: Transaction, message: int, thread: int, parsed: Parsed) -> None:
    """Make the keys of a message anew. Its thread stays: those who refer to it find it by the new keys."""
    tx.cursor.execute(_RENEW, {"account": tx.account, "key": message, **_keys(parsed)})
    rows = [{"account": tx.account, "hash": key, "thread": thread} for key in _hashes(parsed)]
    tx.cursor.executemany(_ADD_NEW_REFERENCE, rows)


def keep(source: Source, blobs: Blobs) -> str:
    """The octets as a blob, linked when they are in a file already; their digest."""
    if source.path is None or source.digest is None:
        return blobs.put(source.view())
    blobs.link_from(source.path, source.digest)
    return source.digest


def _keys(parsed: Parsed) -> dict[str, object]:
    """What SORT and THREAD know of it."""
    links = Links(parsed.message_id, parsed.references, parsed.reply)
    return {"sort": _encode(parsed.sort), "links": _encode(links)}


def _octets(source: Source, parsed: Parsed, blobs: Blobs) -> tuple[bytes, bytes | None, str | None]:
    view = source.view()
    header = bytes(view[: parsed.header_size])
    if source.digest or source.size > IN_MEMORY:  # what is a file already is linked, however small
        return header, None, keep(source, blobs)
    return header, bytes(view[parsed.header_size :]), None


def _hashes(parsed: Parsed) -> list[int]:
    """The message's own id and those it refers to, each with the subject: a changed subject is a new thread."""
    ids = [*parsed.references[-_REFERENCES:], parsed.message_id]
    subject = parsed.sort.subject.encode(errors="surrogateescape")
    return list({_hash(name.encode(errors="surrogateescape"), subject) for name in ids if name})


def _hash(id: bytes, subject: bytes) -> int:
    return int.from_bytes(blake2b(id + b"\0" + subject, digest_size=8).digest(), "big", signed=True)


def _thread(tx: Transaction, hashes: list[int], message: int) -> int:
    """The newest thread that knows one of the ids, else a new one, called by its first message.  RFC 8474 5.2"""
    known = {}
    for key in hashes:
        row = tx.cursor.first(_THREAD, {"account": tx.account, "hash": key})
        if row is not None:
            known[key] = row[0]
    thread = max(known.values(), default=message)
    rows = [{"account": tx.account, "hash": key, "thread": thread} for key in hashes if key not in known]
    tx.cursor.executemany(_ADD_REFERENCE, rows)
    return thread
