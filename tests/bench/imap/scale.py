"""`scripts/bench imap-scale`: a usual account beside one a hundred times as large, on one server.

What depends on the size of a mailbox though it need not would show as a ratio; what must look at every message (SORT,
THREAD) grows with it.
"""

import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import click
from rich.console import Console

from bench.imap import letters, report, stores
from bench.mail import ours
from bench.mail.client import Imap
from bench.mail.server import Server
from odmail.mailbox.account import Account
from odmail.mailbox.api import CreateMailbox, Expunge, StoreFlags
from odmail.mailbox.model import Flag

BOX = "Large"
OCTETS = 1024
STEP = 60  # seconds between arrivals
UNSEEN = 20
CHANGED, EXPUNGED = 300, 100  # within the week the client was away

console = Console(stderr=True, highlight=False, width=120)


class Subject:
    """An account, and what a client knows of its mailbox."""

    def __init__(self, number: int, messages: int, folders: int) -> None:
        self.number = number
        self.messages = messages
        self.folders = folders
        self.uidvalidity = 0
        self.modseq = 0  # a week ago

    def fill(self, account: Account) -> None:
        """All its mail, and what happened in the last week."""
        first = int(datetime.now(UTC).timestamp()) - self.messages * STEP
        stores.into_odmail(account, BOX, letters.series(self.messages, "a@b.example", OCTETS), first, STEP)
        for number in range(self.folders - len(account.mailboxes())):
            account.create(CreateMailbox(f"Folder {number:04}"))
        mailbox = account.mailbox(BOX).id
        account.store(StoreFlags(mailbox, [(1, self.messages - UNSEEN)], "add", Flag.SEEN))
        known = account.mailbox(BOX)
        self.uidvalidity, self.modseq = known.uidvalidity, known.highestmodseq
        recent = self.messages - CHANGED - EXPUNGED
        account.store(StoreFlags(mailbox, [(recent, recent + CHANGED)], "add", Flag.FLAGGED))
        gone = [(uid, uid) for uid in range(recent, recent + 3 * EXPUNGED, 3)]
        account.store(StoreFlags(mailbox, gone, "add", Flag.DELETED))
        account.expunge(Expunge(mailbox))


Command = Callable[[Subject], str]

_YESTERDAY = f"{datetime.now(UTC) - timedelta(days=1):%d-%b-%Y}"

FIGURES: dict[str, tuple[Command, str]] = {
    "SELECT": (lambda _: f"SELECT {BOX}", ""),
    "SELECT with QRESYNC: 300 changes, 100 expunges": (
        lambda one: f"SELECT {BOX} (QRESYNC ({one.uidvalidity} {one.modseq}))",
        "",
    ),
    "STATUS (MESSAGES UNSEEN SIZE HIGHESTMODSEQ)": (lambda _: f"STATUS {BOX} (MESSAGES UNSEEN SIZE HIGHESTMODSEQ)", ""),
    "UID FETCH of the last 50 (FLAGS ENVELOPE)": (lambda one: f"UID FETCH {one.messages - 49}:* (FLAGS ENVELOPE)", BOX),
    "UID FETCH of one body": (lambda one: f"UID FETCH {one.messages - 7} (BODY.PEEK[])", BOX),
    "UID FETCH 1:* (FLAGS) (CHANGEDSINCE), 300 changes": (
        lambda one: f"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {one.modseq})",
        BOX,
    ),
    "UID STORE of a flag on the last message": (
        lambda one: f"UID STORE {one.messages} +FLAGS.SILENT (\\Answered)",
        BOX,
    ),
    "UID SEARCH UNSEEN, 20 matches": (lambda _: "UID SEARCH UNSEEN", BOX),
    "UID SEARCH SINCE yesterday": (lambda _: f"UID SEARCH SINCE {_YESTERDAY}", BOX),
    "UID SEARCH TEXT, one match": (lambda _: f'UID SEARCH TEXT "{letters.word(1234).decode()}"', BOX),
    "UID SORT (DATE) SINCE yesterday": (lambda _: f"UID SORT (DATE) UTF-8 SINCE {_YESTERDAY}", BOX),
    "UID SORT (DATE) of all, told by PARTIAL 1:50": (lambda _: "UID SORT RETURN (PARTIAL 1:50) (DATE) UTF-8 ALL", BOX),
    "UID THREAD REFERENCES of all": (lambda _: "UID THREAD REFERENCES UTF-8 ALL", BOX),
    "FETCH 1:* (FLAGS)": (lambda _: "FETCH 1:* (FLAGS)", BOX),
    "LIST with STATUS of all folders": (lambda _: 'LIST "" "*" RETURN (STATUS (MESSAGES UNSEEN))', ""),
}
"""Title, command and the mailbox to be selected before: on a fresh connection, which knows nothing yet."""


def run(server: Server, subject: Subject, command: Command, selected: str) -> float:
    """Milliseconds."""
    client: Imap = server.connect(subject.number)
    client.command(b"ENABLE QRESYNC")
    if selected:
        client.command(b"SELECT " + selected.encode())
    took = client.timed(command(subject).encode())
    client.close()
    return took * 1000


@click.command()
@click.option("--messages", default=200_000, show_default=True, help="In the large mailbox.")
@click.option("--folders", default=2_000, show_default=True, help="In the large account.")
@click.option("--runs", default=5, show_default=True, help="Runs of each measurement; the median counts.")
def main(messages: int, folders: int, runs: int) -> None:
    """Measure what grows with the size of a mailbox."""
    root = Path(tempfile.mkdtemp(prefix="bench-scale-"))
    server = ours.start(root)
    try:
        subjects = [Subject(0, messages // 100, folders // 100), Subject(1, messages, folders)]
        for subject in subjects:
            with stores.account(root / "odmail.toml", f"user{subject.number}") as account:
                subject.fill(account)
            console.print(f"{subject.messages:,} messages are there")
        took: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
        for title, (command, selected) in FIGURES.items():
            for number in range(runs + 1):
                for subject in subjects:
                    found = run(server, subject, command, selected)
                    if number:  # the first one warms up
                        took[title][subject.number].append(found)
            console.print(f"{title:55} " + " ".join(f"{median(took[title][one.number]):9.2f}" for one in subjects))
    finally:
        server.stop()
        shutil.rmtree(root, ignore_errors=True)
    _report(subjects, {title: [median(took[title][one.number]) for one in subjects] for title in FIGURES}, runs)


def _report(subjects: list[Subject], found: dict[str, list[float]], runs: int) -> None:
    headings = ("", *(f"{one.messages:,} messages, {one.folders:,} folders" for one in subjects), "", "")
    lines = [
        (title, report.number(small), report.number(large), "ms", f"{large / small:.1f} x")
        for title, (small, large) in found.items()
    ]
    Console(width=150).print(report.table("IMAP, by size", headings, lines))
    page = [
        "# IMAP, by size",
        "",
        f"Measured by `scripts/bench imap-scale` on {report.today()}, median of {runs} runs. {report.machine()}.",
        "Two accounts of one server, one a hundred times as large as the other; messages have 1 KiB. Each command is",
        "given in turn to both over TLS, on a fresh connection that has, at most, just selected the mailbox. SORT,",
        "THREAD and FETCH of all, and LIST of all folders, must look at everything there is; the others need not.",
        "",
        *report.markdown(headings, lines),
        "",
    ]
    path = report.FOLDER / "imap-scale.md"
    path.write_text("\n".join(page), encoding="utf-8")
    console.print(f"Written to {path}")


if __name__ == "__main__":
    sys.exit(main())
