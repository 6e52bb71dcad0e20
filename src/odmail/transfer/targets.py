"""Which mailbox of ours a folder of theirs becomes: by special use, by known names, else by its own name."""

from collections.abc import Iterable, Mapping

from odcore.errors import Fault
from odmail.mailbox import names
from odmail.mailbox.aliases import use_of
from odmail.mailbox.model import INBOX, SEPARATOR, Mailbox, SpecialUse
from odmail.transfer.model import Folder

_MAPPED = frozenset(SpecialUse) - {SpecialUse.ALL, SpecialUse.FLAGGED}
"""Those two are views of other folders where they exist at all."""


def targets(folders: Iterable[Folder], boxes: Iterable[Mailbox], into: str = "") -> Mapping[str, str]:
    """Our name for each of their names. With `into`, everything lies below that mailbox as it is called there."""
    if into:
        return {folder.name: fit(f"{into}{SEPARATOR}{folder.name}") for folder in folders}
    ours = {box.special_use: box.name for box in boxes if box.special_use in _MAPPED}
    found: dict[str, str] = {}
    for folder in folders:
        above, slash, last = folder.name.rpartition(SEPARATOR)
        use = folder.special_use or (None if slash else use_of(folder.name))
        if folder.name.upper() == INBOX:
            found[folder.name] = INBOX
        elif use in ours:
            found[folder.name] = ours[use]
        else:
            found[folder.name] = fit(f"{found.get(above, above)}{slash}{last}")
    return found


def fit(name: str) -> str:
    """A name that the store takes: odd characters go, long levels are cut."""
    levels = ["".join(letter if letter.isprintable() else "_" for letter in level) for level in name.split(SEPARATOR)]
    levels = [_cut(level, 240) or "_" for level in levels]
    try:
        return names.validate(SEPARATOR.join(levels))
    except Fault:
        return names.validate(_cut(SEPARATOR.join(levels), 990).rstrip(SEPARATOR))


def _cut(text: str, octets: int) -> str:
    return text.encode("utf-8", "replace")[:octets].decode("utf-8", "ignore")
