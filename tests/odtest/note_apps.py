"""An app of notes over IMAP and one over HTTP, at work on the same account."""

import re

from odtest.daemon import Daemon
from odtest.files import ask
from odtest.notes import apple

_JOURNAL = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VJOURNAL\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n"
    "SUMMARY:Note {uid}\r\nDESCRIPTION:{text}\r\nEND:VJOURNAL\r\nEND:VCALENDAR\r\n"
)
_ALL = (
    b'<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop>'
    b'<C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>'
)
_TEXT = re.compile(rb"text \w+ \d+ \w+\.")


class NoteApps:
    """Of `login`, whose journals lie at `path`."""

    def __init__(self, house: Daemon, login: str, path: str) -> None:
        self._house, self._login, self._path = house, login, path
        self._imap = house.imap(login)

    def put(self, key: str, text: str) -> set[bytes]:
        given = _JOURNAL.format(uid=key, text=text).encode()
        path = f"{self._path}{key}.ics"
        assert ask(self._house, "PUT", path, given, self._login, Content_Type="text/calendar").status in (201, 204)
        return set()

    def append(self, key: str, text: str) -> set[bytes]:
        """As Apple Notes: the new version arrives, then all others that are there go; what they said."""
        self._imap.append("Notes", None, None, apple(key, f"Note {key}", text))
        self._imap.select("Notes")
        _, [uids] = self._imap.uid("SEARCH", f'HEADER X-Universally-Unique-Identifier {key} NOT BODY "{text}"')
        if not uids:
            return set()
        old = uids.decode().replace(" ", ",")
        _, rows = self._imap.uid("FETCH", old, "(BODY.PEEK[TEXT])")
        self._imap.uid("STORE", old, "+FLAGS.SILENT", r"(\Deleted)")
        self._imap.expunge()
        return set(_said(rows))

    def texts(self) -> tuple[list[bytes], list[bytes]]:
        """What each side says."""
        self._imap.select("Notes")
        told = ask(self._house, "REPORT", self._path, _ALL, self._login, Depth="1", Content_Type="application/xml")
        _, rows = self._imap.fetch("1:*", "(BODY.PEEK[TEXT])")
        return sorted(_said(rows)), sorted(_TEXT.findall(told.octets))

    def close(self) -> None:
        self._imap.logout()


def _said(rows: list) -> list[bytes]:
    return _TEXT.findall(b"".join(row[1] for row in rows if isinstance(row, tuple)))
