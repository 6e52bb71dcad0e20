"""mbox files as a source: one file, or a folder of them as Thunderbird and others keep it.

`Inbox`, `Sent`, and below `Inbox.sbd/` the folders inside Inbox; plain folders work, too. Files that do not begin with
"From " (indexes, settings) are passed by.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Set
from pathlib import Path

from imapclient import imap_utf7

from odcore.errors import Fault, Kind
from odmail.mailbox.model import INBOX
from odmail.transfer import mbox
from odmail.transfer.model import Folder, Letter, Unreadable

_ENDING = ".mbox"
_BELOW = ".sbd"


class MboxSource:
    """See `odmail.transfer.model.Source`."""

    def __init__(self, path: Path) -> None:
        """Fault NOT_FOUND when there is nothing."""
        if not path.exists():
            raise Fault(Kind.NOT_FOUND, f"{path}: there is no such file or folder.")
        self._path = path
        self.name = f"mbox:{path.resolve()}"

    def folders(self) -> list[Folder]:
        """Counted by reading them once."""
        found = self._walk(self._path, "") if self._path.is_dir() else [(self._path, _title(self._path.name))]
        return [Folder(name, _count(path), place=str(path)) for path, name in found]

    def letters(self, folder: Folder, known: Set[str]) -> Iterator[Letter | Unreadable]:
        """A message's key is its digest, and which of its equals it is: files are compacted now and then."""
        seen: Counter[str] = Counter()
        with open(folder.place, "rb") as file:
            for separator, message in mbox.read(file):
                digest = hashlib.sha256(separator + b"\n" + message).hexdigest()[:32]
                seen[digest] += 1
                key = f"{digest}.{seen[digest]}"
                if key not in known:
                    yield mbox.letter(separator, message, key)

    def _walk(self, folder: Path, above: str) -> list[tuple[Path, str]]:
        found: list[tuple[Path, str]] = []
        for path in sorted(folder.iterdir()):
            name = f"{above}{_title(path.name)}"
            if path.is_dir():
                found += self._walk(path, f"{name}/")
            elif path.is_file() and _is_mbox(path):
                found.append((path, name))
        return sorted(found, key=lambda pair: pair[1])


def _title(name: str) -> str:
    """What people call a file or folder."""
    return decoded(name.removesuffix(_ENDING).removesuffix(_BELOW))


def decoded(name: str) -> str:
    """Modified UTF-7 where it is that, as IMAP servers name files; INBOX in capitals."""
    try:
        plain = imap_utf7.decode(name.encode("ascii")) if "&" in name else name
    except ValueError:
        plain = name
    return INBOX if plain.upper() == INBOX else plain


def _is_mbox(path: Path) -> bool:
    """An empty file is an empty folder, unless its name has an ending that belongs to something else."""
    with open(path, "rb") as file:
        start = file.read(5)
    return start == b"From " or (not start and path.suffix in ("", _ENDING))


def _count(path: Path) -> int:
    with open(path, "rb") as file:
        return sum(1 for _ in mbox.read(file))
