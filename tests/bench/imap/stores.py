"""Full mailboxes without the wait for APPEND: each server is given its messages the way it keeps them."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count, islice
from pathlib import Path

from bench.mail.peers import OWNER
from odcore.blob.incoming import Memory
from odmail.mailbox.account import Account
from odmail.mailbox.api import Append, NewMessage
from odmail.message.parse import parse
from odsuite.cli.context import Context

_AT_ONCE = 500
_ARRIVAL = 1_760_000_000


@contextmanager
def account(config: Path, uid: str) -> Iterator[Account]:
    """A person's mail, beside the running suite."""
    context = Context(config)
    try:
        yield context.store.open(context.directory.person(uid).id)
    finally:
        context.close()


def into_odmail(
    account: Account, mailbox: str, messages: Iterable[bytes], first: int = _ARRIVAL, step: int = 1
) -> None:
    """Append them through the store, and index them as the queue worker would in time. One arrives every `step`
    seconds."""
    waiting = zip(count(first, step), messages)
    while batch := list(islice(waiting, _AT_ONCE)):
        new = [NewMessage(Memory(octets), parse(octets), received=received) for received, octets in batch]
        account.append(Append(mailbox, new, create=True))
    while account.index_pending():
        pass


def into_maildir(maildir: Path, messages: Iterable[bytes]) -> None:
    """Files in `cur`, named as Dovecot names them; it builds its indexes at first sight."""
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True, exist_ok=True)
    for octets, number in zip(messages, count(1)):
        stored = octets.replace(b"\r\n", b"\n")  # as Dovecot does itself
        path = maildir / "cur" / f"{_ARRIVAL + number}.M1P1.bench,S={len(stored)},W={len(octets)}:2,"
        path.write_bytes(stored)
        os.utime(path, (_ARRIVAL + number, _ARRIVAL + number))
    for path in (maildir.parent, maildir, *maildir.rglob("*")):
        os.chown(path, OWNER, OWNER)
