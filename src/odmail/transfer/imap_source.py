"""An IMAP server as a source: everything in the personal namespace, over TLS whose certificate is checked.  RFC 9051

Messages are read with BODY.PEEK[], so that nothing changes over there.
"""

import ssl
from collections.abc import Iterator, Sequence, Set
from datetime import datetime
from itertools import chain
from typing import Any

import msgspec
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from odcore.errors import Fault, Kind
from odmail.mailbox.model import INBOX, SpecialUse
from odmail.transfer.model import Folder, Letter, Unreadable, flags_of

_TIMEOUT = 120.0
_DESCRIBED = 1000
_MESSAGES, _OCTETS = 50, 8 << 20
"""What one FETCH asks for."""

_USES = {use.value.lower(): use for use in SpecialUse}
_UNSELECTABLE = {b"\\noselect", b"\\nonexistent"}


class Server(msgspec.Struct, frozen=True):
    """Where it is, and as whom. `acting_for` is another user, for servers that have a master user (PLAIN authzid)."""

    host: str
    port: int
    login: str
    password: str
    starttls: bool = False
    acting_for: str = ""

    def __repr__(self) -> str:
        return f"Server(host={self.host!r}, port={self.port}, login={self.login!r})"


class _Message(msgspec.Struct, frozen=True):
    """What is known of a message before it is read."""

    uid: int
    size: int
    flags: int
    keywords: tuple[str, ...]
    received: int


class ImapSource:
    """See `odmail.transfer.model.Source`."""

    def __init__(self, server: Server, authorities: str = "") -> None:
        """Connects and signs in. Faults TRY_LATER (no connection), LOGIN. `authorities` is a file in PEM form."""
        self._server = server
        self._context = ssl.create_default_context(cafile=authorities or None)
        self._client = self._connect()
        self.name = f"imap:{server.host}:{server.port}:{server.acting_for or server.login}"

    def folders(self) -> list[Folder]:
        prefix, separator = self._personal()
        found = []
        with _faults():
            for flags, delimiter, name in self._client.list_folders(prefix, "*"):
                marks = {flag.lower() for flag in flags}
                if marks & _UNSELECTABLE:
                    continue
                ours = _ours(str(name), prefix, (delimiter or separator.encode()).decode())
                use = next((_USES[mark.decode()] for mark in marks if mark.decode("ascii", "replace") in _USES), None)
                found.append(Folder(ours, self._count(str(name)), use, str(name)))
            if prefix and INBOX not in [folder.name for folder in found]:
                found.append(Folder(INBOX, self._count(INBOX), place=INBOX))
        return sorted(found, key=lambda folder: (folder.name != INBOX, folder.name))

    def letters(self, folder: Folder, known: Set[str]) -> Iterator[Letter | Unreadable]:
        """By uid; a key is UIDVALIDITY and uid. A folder that cannot be opened is told, and the others go on."""
        try:
            with _faults():
                selected = self._client.select_folder(folder.place, readonly=True)
                uids = sorted(self._client.search(["ALL"])) if selected[b"EXISTS"] else []
        except Fault as fault:
            if fault.kind is not Kind.BAD_REQUEST:
                raise
            yield Unreadable("the whole folder", fault.text)
            return
        validity = selected[b"UIDVALIDITY"]
        wanted = [uid for uid in uids if f"{validity}.{uid}" not in known]
        for batch in _batches(self._described(wanted)):
            yield from self._read(batch, validity)

    def close(self) -> None:
        """Say good-bye."""
        try:
            self._client.logout()
        except (OSError, IMAPClientError):
            self._client.shutdown()

    def _connect(self) -> IMAPClient:
        server = self._server
        try:
            client = IMAPClient(
                server.host,
                port=server.port,
                ssl=not server.starttls,
                ssl_context=self._context,
                timeout=_TIMEOUT,
                use_uid=True,
            )
            client.normalise_times = False  # with their offset
            if server.starttls:
                client.starttls(self._context)
        except ssl.SSLCertVerificationError as error:
            raise Fault(Kind.DENIED, f"{server.host}: the certificate is not good: {error.verify_message}.") from error
        except (OSError, IMAPClientError) as error:
            raise Fault(Kind.TRY_LATER, f"{server.host}: no connection: {error}.") from error
        try:
            if server.acting_for:
                client.plain_login(server.login, server.password, server.acting_for)
            else:
                client.login(server.login, server.password)
        except IMAPClientError as error:
            client.shutdown()
            raise Fault(Kind.LOGIN, f"{server.host} does not let {server.login} in: {error}.") from error
        return client

    def _personal(self) -> tuple[str, str]:
        """Prefix and separator of one's own namespace.  RFC 2342"""
        with _faults():
            if not self._client.has_capability("NAMESPACE"):
                return "", "/"
            personal = self._client.namespace().personal
        return (str(personal[0][0]), str(personal[0][1] or "/")) if personal else ("", "/")

    def _count(self, name: str) -> int:
        try:
            return int(self._client.folder_status(name, [b"MESSAGES"])[b"MESSAGES"])
        except IMAPClient.AbortError:
            raise
        except IMAPClientError:
            return 0  # what is wrong will be told when it is opened

    def _described(self, uids: Sequence[int]) -> Iterator[_Message]:
        for start in range(0, len(uids), _DESCRIBED):
            with _faults():
                found = self._client.fetch(uids[start : start + _DESCRIBED], ["FLAGS", "INTERNALDATE", "RFC822.SIZE"])
            for uid in sorted(found):
                data = found[uid]
                names = tuple(flag.decode("ascii", "replace") for flag in data.get(b"FLAGS", ()))
                flags, keywords = flags_of(names)
                date = data.get(b"INTERNALDATE")
                received = int(date.timestamp()) if isinstance(date, datetime) else 0
                yield _Message(uid, data.get(b"RFC822.SIZE", 0), flags, keywords, received)

    def _read(self, batch: Sequence[_Message], validity: int) -> Iterator[Letter | Unreadable]:
        """In one FETCH; where that fails, one by one, so that the one that cannot be read is named."""
        try:
            found = self._bodies([each.uid for each in batch])
        except Fault as fault:
            if len(batch) > 1:
                for each in batch:
                    yield from self._read([each], validity)
            else:
                yield Unreadable(f"{validity}.{batch[0].uid}", fault.text)
            return
        for each in batch:
            key = f"{validity}.{each.uid}"
            octets = found.get(each.uid)
            if octets is None:
                yield Unreadable(key, "the server does not give it")
            else:
                yield Letter(key, octets, each.flags, each.keywords, each.received or None)

    def _bodies(self, uids: Sequence[int]) -> dict[int, bytes]:
        with _faults():
            found: dict[int, Any] = self._client.fetch(uids, ["BODY.PEEK[]"])
        return {uid: data[b"BODY[]"] for uid, data in found.items() if isinstance(data.get(b"BODY[]"), bytes)}


class _faults:  # noqa: N801 - used as a word of its own
    """What the server refuses is BAD_REQUEST, a lost line TRY_LATER."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, IMAPClientError) and not isinstance(error, IMAPClient.AbortError):
            raise Fault(Kind.BAD_REQUEST, f"The server says: {error}.") from error
        if isinstance(error, OSError | IMAPClient.AbortError):
            raise Fault(Kind.TRY_LATER, f"The connection was lost: {error}. Run it again, and it goes on.") from error


def _ours(name: str, prefix: str, separator: str) -> str:
    """Without the namespace's prefix ("INBOX." of Courier), "/" between levels."""
    own = name.removeprefix(prefix) if name.upper() != INBOX else INBOX
    levels = own.split(separator) if separator else [own]
    return "/".join(level.replace("/", "_") for level in levels)


def _batches(messages: Iterator[_Message]) -> Iterator[list[_Message]]:
    batch: list[_Message] = []
    octets = 0
    for each in chain(messages, (None,)):
        size = each.size if each else 0
        if batch and (each is None or len(batch) == _MESSAGES or octets + size > _OCTETS):
            yield batch
            batch, octets = [], 0
        if each is not None:
            batch.append(each)
            octets += size
