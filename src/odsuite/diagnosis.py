"""What `odmail doctor` looks at, one function each: what is well is told in a line, what is not, too."""

import os
import shutil
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from odcore import clock
from odcore.config.explain import count
from odcore.directory.ops.check import check as check_directory
from odcore.errors import Fault
from odcore.ids import AccountId
from odcore.net.tls import KeyPair, ServerTls
from odcore.sharing.naming import Named, mend, unregistered
from oddav.drive import sharing as drive_sharing
from oddav.store import sharing as collection_sharing
from odmail.mailbox.check import check as check_account
from odmail.mailbox.sharing import lists
from odmail.queue.model import Status
from odsuite import certs, owner
from odsuite.build import Parts
from odsuite.process import certificate_paths
from odsuite.published.survey import survey
from odsuite.settings import Settings

_EXPIRY_WARNING = 21  # days
_LATE = 3600  # seconds a message may wait before doctor speaks of it
_PATIENCE = 2.0  # seconds a port may take to answer
_SELF = {"*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # where to call on who listens everywhere

Follow = Callable[[Sequence[AccountId]], Iterable[AccountId]]
"""Goes through the accounts and shows how far it has come."""


class Finding(msgspec.Struct, frozen=True):
    """One line of the report."""

    area: str
    well: bool
    text: str
    warning: bool = False  # may be intended
    records: tuple[str, ...] = ()  # what to put into the DNS


def publication(parts: Parts) -> Iterator[Finding]:
    """What strangers find in the DNS."""
    for area, verdict in survey(parts):
        yield Finding(area, verdict.well, verdict.text, verdict.warning, verdict.records)


def diagnose(parts: Parts, actor: str, *, octets: bool, follow: Follow = iter) -> Iterator[Finding]:
    """Everything, in order; what fails by itself becomes a finding, too."""
    looks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("settings", lambda: _settings(parts.settings)),
        ("certificate", lambda: _certificates(parts.settings)),
        ("ports", lambda: _ports(parts.settings)),
        ("disk", lambda: _disk(parts)),
        ("directory", lambda: _directory(parts, actor)),
        ("dkim", lambda: _dkim(parts)),
        ("audit", lambda: _audit(parts)),
        ("queue", lambda: _queue(parts)),
        ("mailboxes", lambda: _mailboxes(parts, follow, octets=octets)),
        ("calendars", lambda: _collections(parts, follow)),
        ("drives", lambda: _drives(parts, follow, octets=octets)),
    ]
    for area, look in looks:
        try:
            yield from look()
        except (Fault, OSError) as error:
            yield Finding(area, False, str(error))


def _settings(settings: Settings) -> Iterator[Finding]:
    yield Finding("settings", True, f"{count(Settings)} settings, data in {settings.root}")


def _certificates(settings: Settings) -> Iterator[Finding]:
    pairs = certificate_paths(settings)
    ServerTls([KeyPair(*pair) for pair in pairs])
    for certificate, _ in pairs:
        days = certs.expiry_days(certificate)
        yield Finding("certificate", days > _EXPIRY_WARNING, f"{certificate.name} is good for {days:.0f} days")


def _ports(settings: Settings) -> Iterator[Finding]:
    """A node with few roles serves few ports: what does not answer is a warning."""
    if not _answers(socket.AF_UNIX, str(settings.bus)):
        yield Finding("ports", True, "the suite does not run here", warning=True)
        return
    for service in settings.listen.__struct_fields__:
        for address in getattr(settings.listen, service):
            if address.port:  # 0 is any that is free
                host = _SELF.get(address.host, address.host)
                answers = _answers(socket.AF_INET6 if ":" in host else socket.AF_INET, (host, address.port))
                text = f"{service} {address} {'answers' if answers else 'does not answer'}"
                yield Finding("ports", True, text, warning=not answers)


def _answers(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(_PATIENCE)
        try:
            probe.connect(address)
        except OSError:
            return False
        return True


def _dkim(parts: Parts) -> Iterator[Finding]:
    for domain in parts.directory.domains():
        keys = parts.dkim_keys.signing(domain.name)
        names = ", ".join(f"{key.selector} ({key.algorithm})" for key in keys)
        text = f"signed by {names}" if keys else "no key, its mail is not signed: odmail dkim generate"
        yield Finding("dkim", True, f"{domain.name}: {text}", warning=not keys)


def _disk(parts: Parts) -> Iterator[Finding]:
    free = shutil.disk_usage(parts.root).free
    yield Finding("disk", free > 2 * parts.settings.delivery.least_free, f"{free >> 20} MiB are free")
    open_to_others = parts.root.stat().st_mode & 0o077
    yield Finding(
        "disk", not open_to_others, "the data is private" if not open_to_others else "others may read the data"
    )
    strangers = list(_of_others(parts.root))
    if strangers:
        who = owner.name(parts.root.stat().st_uid)
        text = f"{len(strangers)} files are not {who}'s, {strangers[0]} is the first: chown -R {who}: {parts.root}"
        yield Finding("disk", False, text)


def _of_others(root: Path) -> Iterator[str]:
    """What the service may be unable to read: another user made it."""
    mine = root.stat().st_uid
    for folder, _, names in os.walk(root):
        for path in (folder, *(os.path.join(folder, name) for name in names)):
            with suppress(FileNotFoundError):  # gone meanwhile
                if os.lstat(path).st_uid != mine:
                    yield path


def _directory(parts: Parts, actor: str) -> Iterator[Finding]:
    for found in check_directory(parts.admin(actor)):
        yield Finding("directory", not found.serious, f"{found.entry}: {found.problem}")
    yield Finding("directory", True, f"{len(parts.directory.people())} people, {len(parts.directory.posts())} posts")


def _audit(parts: Parts) -> Iterator[Finding]:
    verdict = parts.trail.verify()
    if verdict.broken:
        yield Finding("audit", False, f"the chain breaks at entry {verdict.broken}")
    else:
        yield Finding("audit", True, f"{verdict.rows} entries in an unbroken chain")


def _queue(parts: Parts) -> Iterator[Finding]:
    waiting = parts.queue.list(status=Status.WAITING)
    late = [message for message in waiting if clock.timestamp() - message.begun > _LATE]
    held = len(parts.queue.list(status=Status.HELD))
    yield Finding("queue", not late, f"{len(waiting)} messages wait, {len(late)} for over an hour; {held} are held")


def _mailboxes(parts: Parts, follow: Follow, *, octets: bool) -> Iterator[Finding]:
    accounts = parts.store.accounts()
    breaches = 0
    for account in follow(accounts):
        for breach in _breaches(parts, account, octets=octets):
            breaches += 1
            yield Finding("mailboxes", False, f"{account}: {breach}")
    if not breaches:
        yield Finding("mailboxes", True, f"{len(accounts)} accounts keep every invariant")


def _collections(parts: Parts, follow: Follow) -> Iterator[Finding]:
    accounts = parts.collections.accounts()
    found = [
        f"{account}: {breach}"
        for account in follow(accounts)
        for breach in (
            *parts.collections.breaches(account),
            *_mended(parts, collection_sharing.lists(parts.collections.open(account, ()))),
        )
    ]
    yield from (Finding("calendars", False, text) for text in found)
    if not found:
        yield Finding("calendars", True, f"the collections of {len(accounts)} accounts keep every invariant")


def _drives(parts: Parts, follow: Follow, *, octets: bool) -> Iterator[Finding]:
    accounts = parts.drives.accounts()
    found = [
        f"{account}: {breach}"
        for account in follow(accounts)
        for breach in (*parts.drives.breaches(account, octets=octets), *_lost_shares(parts, account))
    ]
    yield from (Finding("drives", False, text) for text in found)
    if not found:
        yield Finding("drives", True, f"the files of {len(accounts)} accounts keep every invariant")


def _lost_shares(parts: Parts, account: AccountId) -> Iterable[str]:
    """Of a drive that can be read: what is wrong with another is told already."""
    with suppress(Fault, OSError):
        return _mended(parts, drive_sharing.lists(parts.drives.open(account)))
    return []


def _mended(parts: Parts, named: Named) -> list[str]:
    unknown = unregistered(parts.register, named)
    if unknown:
        mend(parts.register, named, unknown)
    return [f"the register of grants had lost {subject}; mended" for subject in unknown]


def _breaches(parts: Parts, account: AccountId, *, octets: bool) -> Iterable[str]:
    """One account that cannot be read does not hide the others."""
    try:
        opened = parts.store.open(account)
        return [*check_account(opened, octets=octets), *_mended(parts, lists(opened))]
    except (Fault, OSError) as error:
        return [f"cannot be checked: {error}"]
