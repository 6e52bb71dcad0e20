"""Maildir as a source: Maildir++ (`.Sent.2025` beside `cur`), and folders in folders, Dovecot's LAYOUT=fs."""

from collections.abc import Iterator, Set
from pathlib import Path

from odcore.errors import Fault, Kind
from odmail.mailbox.model import INBOX
from odmail.transfer import maildir
from odmail.transfer.lines import to_wire
from odmail.transfer.mbox_source import decoded
from odmail.transfer.model import Folder, Letter, Unreadable

_PLACES = ("cur", "new")


class MaildirSource:
    """See `odmail.transfer.model.Source`."""

    def __init__(self, path: Path) -> None:
        """Fault NOT_FOUND when there is nothing."""
        if not path.is_dir():
            raise Fault(Kind.NOT_FOUND, f"{path}: there is no such folder.")
        self._path = path
        self.name = f"maildir:{path.resolve()}"

    def folders(self) -> list[Folder]:
        """The topmost is INBOX."""
        found = [(self._path, INBOX)] if _is_maildir(self._path) else []
        found += self._walk(self._path, "")
        if not found:
            raise Fault(Kind.NOT_FOUND, f"{self._path}: there is no Maildir in it.")
        return [Folder(name, len(_files(path)), place=str(path)) for path, name in found]

    def letters(self, folder: Folder, known: Set[str]) -> Iterator[Letter | Unreadable]:
        """By the time they came, as their names say it."""
        place = Path(folder.place)
        keywords = maildir.read_keywords(place)
        for path in _files(place):
            key = maildir.key_of(path.name)
            if key in known:
                continue
            try:
                octets, received = path.read_bytes(), int(path.stat().st_mtime)
            except OSError as error:
                yield Unreadable(key, error.strerror or "unreadable")
                continue
            yield Letter(key, to_wire(octets), *maildir.marks_of(path.name, keywords), received)

    def _walk(self, folder: Path, above: str) -> list[tuple[Path, str]]:
        found: list[tuple[Path, str]] = []
        for path in sorted(each for each in folder.iterdir() if each.is_dir() and each.name not in (*_PLACES, "tmp")):
            levels = path.name[1:].split(".") if path.name.startswith(".") else [path.name]
            name = above + "/".join(decoded(level) for level in levels)
            if _is_maildir(path):
                found.append((path, name))
            found += self._walk(path, f"{name}/")
        return sorted(found, key=lambda pair: pair[1])


def _is_maildir(path: Path) -> bool:
    return (path / "cur").is_dir()


def _files(folder: Path) -> list[Path]:
    found = [path for place in _PLACES if (folder / place).is_dir() for path in (folder / place).iterdir()]
    return sorted((path for path in found if path.is_file() and not path.name.startswith(".")), key=_order)


def _order(path: Path) -> tuple[int, str]:
    seconds = path.name.partition(".")[0]
    return (int(seconds) if seconds.isdecimal() and len(seconds) < 16 else 0, path.name)
