"""The two servers that are compared, each with its mailbox filled."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from bench.imap import letters, stores
from bench.imap.steps import MAILBOX
from bench.mail import ours, peers
from bench.mail.server import Server

console = Console(stderr=True, highlight=False, width=120)


@contextmanager
def running(side: str, mailbox: int, keep: bool) -> Iterator[Server]:
    """One server with its mailbox filled."""
    root = Path(tempfile.mkdtemp(prefix=f"bench-{side}-"))
    server = ours.start(root) if side == "odmail" else peers.start_dovecot(root)
    try:
        messages = letters.series(mailbox, server.logins[0])
        if side == "odmail":
            with stores.account(root / "odmail.toml", "user0") as account:
                stores.into_odmail(account, MAILBOX.decode(), messages)
        else:
            stores.into_maildir(root / "mail" / server.logins[0] / f".{MAILBOX.decode()}", messages)
        console.print(f"{server.name}: {mailbox:,} messages in {root}")
        yield server
    finally:
        server.stop()
        if not keep:
            shutil.rmtree(root, ignore_errors=True)
