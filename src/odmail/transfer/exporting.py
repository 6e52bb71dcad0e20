"""Export: an account as mbox files or as Maildir, a mailbox after the other, each file complete or not there."""

import os
from pathlib import Path

from odcore import disk
from odmail.mailbox.api import MailAccount
from odmail.mailbox.model import Mailbox
from odmail.mailbox.whole import messages
from odmail.transfer import maildir, mbox
from odmail.transfer.lines import to_file
from odmail.transfer.model import Progress, Result

_TOGETHER = 500
_RESERVED = frozenset(("cur", "new", "tmp", maildir.KEYWORDS))


class Exporter:
    """Writes what is in `account` below `folder`."""

    def __init__(self, account: MailAccount, folder: Path, progress: Progress) -> None:
        self._account = account
        self._folder = folder
        self._progress = progress

    def mbox(self, *, dry_run: bool = False) -> list[Result]:
        """A file `NAME.mbox` for each mailbox; one that is there already is left as it is."""
        return [self._mbox(box, dry_run) for box in self._boxes()]

    def maildir(self, *, dry_run: bool = False) -> list[Result]:
        """A Maildir for each mailbox, one below the other; messages that are there already are left as they are."""
        return [self._maildir(box, dry_run) for box in self._boxes()]

    def _boxes(self) -> list[Mailbox]:
        return [box for box in self._account.mailboxes() if box.selectable]

    def _mbox(self, box: Mailbox, dry_run: bool) -> Result:
        path = self._path(box.name).with_name(_level(box.name.rpartition("/")[2]) + ".mbox")
        result = Result(box.name, str(path.relative_to(self._folder)), box.exists)
        self._progress.folder(result)
        if path.exists():
            result.before = box.exists
        if dry_run or path.exists():
            return result
        disk.make_folder(path.parent)
        part = path.with_name(path.name + ".part")
        names = self._account.keywords()
        with disk.faults(), open(part, "wb") as file:
            for row, octets in messages(self._account, box):
                words = [name for place, name in enumerate(names) if row.keywords >> place & 1]
                file.write(mbox.write(octets, row.flags, words, row.received))
                self._count(result, octets)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        disk.sync_folder(path.parent)
        return result

    def _maildir(self, box: Mailbox, dry_run: bool) -> Result:
        path = self._path(box.name)
        result = Result(box.name, str(path.relative_to(self._folder)), box.exists)
        self._progress.folder(result)
        current = path / "cur"
        there = {maildir.key_of(name) for name in os.listdir(current)} if current.is_dir() else set()
        if dry_run:
            result.before = min(len(there), box.exists)
            return result
        for place in ("cur", "new", "tmp"):
            disk.make_folder(path / place)
        places = self._keywords(path)
        written: list[str] = []
        for row, octets in messages(self._account, box):
            key = f"{row.received}.{box.mailbox_id}-{box.uidvalidity}-{row.uid}.odmail"
            if key in there:
                result.before += 1
                continue
            name = key + maildir.info(row.flags, [places[bit] for bit in places if row.keywords >> bit & 1])
            self._write(path / "tmp" / name, to_file(octets), row.received)
            written.append(name)
            self._count(result, octets)
            if len(written) == _TOGETHER:
                self._show(path, written)
        self._show(path, written)
        return result

    def _keywords(self, path: Path) -> dict[int, int]:
        """The list of keywords for this Maildir: our bit to its place. What Maildir has no letter for is left out."""
        names = self._account.keywords()[: maildir.MOST_KEYWORDS]
        if names:
            text = "".join(f"{place} {name}\n" for place, name in enumerate(names))
            (path / maildir.KEYWORDS).write_text(text, "utf-8")
        return {place: place for place in range(len(names))}

    def _write(self, part: Path, octets: bytes, received: int) -> None:
        with disk.faults():
            part.write_bytes(octets)
            os.utime(part, (received, received))

    def _show(self, path: Path, written: list[str]) -> None:
        """Many files reach the disk together: one by one each would wait for it. Only then they have their place."""
        if not written:
            return
        os.sync()
        with disk.faults():
            for name in written:
                (path / "tmp" / name).rename(path / "cur" / name)
            disk.sync_folder(path / "cur")
        written.clear()

    def _path(self, name: str) -> Path:
        return self._folder.joinpath(*map(_level, name.split("/")))

    def _count(self, result: Result, octets: bytes) -> None:
        result.done += 1
        self._progress.moved(1, len(octets))


def _level(name: str) -> str:
    """A level as a file's name: those that Maildir keeps for itself are escaped."""
    if name in _RESERVED or name.startswith("."):
        return f"%{ord(name[0]):02X}{name[1:]}"
    return name
