"""Clients that never stop sending, whatever happens to the servers, and remember what was acknowledged."""

import contextlib
import http.client
import imaplib
import re
import smtplib
import threading
import time
from collections import Counter
from collections.abc import Sequence

from odtest.daemon import Daemon, until
from odtest.files import ask, fresh

SASMITA = "sasmita.nayak@odisha.example"
READERS = ["bibhuti.das@odisha.example", "mamata.jena@odisha.example", "abdul.rahim@odisha.example"]

OVER = (OSError, EOFError, AssertionError, smtplib.SMTPException, imaplib.IMAP4.error, http.client.HTTPException)
"""What a client sees of a server that died."""


def text(message_id: str) -> bytes:
    return f"Message-ID: {message_id}\r\nSubject: crash\r\n\r\n{message_id}\r\n".encode()


class Stream(threading.Thread):
    """One client that goes on until `goal` messages are acknowledged, connecting again whenever it must."""

    def __init__(self, house: Daemon, name: str, goal: int) -> None:
        super().__init__(name=name, daemon=True)
        self.house = house
        self.goal = goal
        self.acknowledged: list[str] = []
        self.sent = 0
        self._end = time.monotonic() + 200

    @property
    def goes_on(self) -> bool:
        return len(self.acknowledged) < self.goal and time.monotonic() < self._end

    def run(self) -> None:
        while self.goes_on:
            with contextlib.suppress(*OVER):
                self.connected()
            time.sleep(0.01)

    def stop(self) -> None:
        self._end = 0
        self.join()

    def next_id(self) -> str:
        self.sent += 1  # an id is never sent twice, whether it was acknowledged or not
        return f"<{self.name}-{self.sent}@crash.example>"

    def connected(self) -> None:
        raise NotImplementedError


class Sender(Stream):
    """From the outside, to each reader in turn."""

    def connected(self) -> None:
        with self.house.mx() as client:
            while self.goes_on:
                message_id = self.next_id()
                reader = READERS[self.sent % len(READERS)]
                client.sendmail("friend@elsewhere.example", [reader], text(message_id))
                self.acknowledged.append(message_id)


class Appender(Stream):
    """Into Sent of one's own account."""

    def connected(self) -> None:
        client = self.house.imap(SASMITA)
        try:
            while self.goes_on:
                message_id = self.next_id()
                answer, _ = client.append("Sent", None, None, text(message_id))
                if answer == "OK":
                    self.acknowledged.append(message_id)
        finally:
            client.shutdown()


class Uploader(Stream):
    """Files to the drive, small ones that lie in the database and large ones that do not; events to the calendar."""

    def connected(self) -> None:
        folder, events = fresh(self.house), calendar(self.house)
        while self.goes_on:
            name = self.next_id().strip("<>")
            path = (f"{events}/{name}.ics", f"{folder}/{name}", f"{folder}/{name}.large")[self.sent % 3]
            if ask(self.house, "PUT", path, uploaded(path), Content_Type="text/calendar").status == 201:
                self.acknowledged.append(path)


def calendar(house: Daemon) -> str:
    """The path of Sasmita's own."""
    asked = b'<propfind xmlns="DAV:"><prop><current-user-principal/></prop></propfind>'
    told = ask(house, "PROPFIND", "/dav/", asked, Depth="0").octets.decode()
    return re.search(r"/dav/[0-9a-f-]{36}", told)[0] + "/calendar"


def uploaded(path: str) -> bytes:
    """What is put there."""
    uid = path.rpartition("/")[2]
    event = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260105T100000Z\r\nSUMMARY:{uid}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()
    return event * 1000 if path.endswith(".large") else event


def check_uploads(house: Daemon, stream: Uploader) -> None:
    """All is there as it was sent."""
    missing = [path for path in stream.acknowledged if ask(house, "GET", path).octets != uploaded(path)]
    assert missing == []


def found(house: Daemon, login: str, mailbox: str) -> Counter[str]:
    """How often each Message-ID is there."""
    client = house.imap(login)
    client.select(mailbox)
    rows = client.fetch("1:*", "(BODY.PEEK[])")[1]
    client.logout()
    bodies = [row[1] for row in rows if isinstance(row, tuple)]
    ids = [body.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode() for body in bodies]
    assert all(body.endswith(f"\r\n\r\n{each}\r\n".encode()) for body, each in zip(bodies, ids, strict=True))
    return Counter(ids)


def check_mail(house: Daemon, streams: Sequence[Stream]) -> None:
    """SMTP at least once, APPEND exactly once."""
    until(lambda: re.search(r"\b0 messages wait", house.odmail("doctor")), "the queue is empty", 90)
    delivered: Counter[str] = Counter()
    for reader in READERS:
        delivered += found(house, reader, "INBOX")
    appended = found(house, SASMITA, "Sent")
    for stream in streams:
        counts = delivered if isinstance(stream, Sender) else appended
        assert [each for each in stream.acknowledged if not counts[each]] == []
    assert [each for each, count in appended.items() if count > 1] == []
