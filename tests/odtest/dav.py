"""Calendars and address books over TLS: python-caldav as an officer's program, and single requests."""

import base64
import http.client
from collections.abc import Iterable

import caldav

from odtest.daemon import Daemon

ME = "sasmita.nayak@odisha.example"
EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART:20260105T100000Z\r\nDTEND:20260105T110000Z\r\nSUMMARY:{summary}\r\nX-ODD:geo:20.27,85.84\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)
CARD = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:{uid}\r\nFN:{name}\r\nX-ODD:a,b\r\nEND:VCARD\r\n"


def ask(house: Daemon, method: str, path: str, body: bytes | Iterable[bytes] = b"", login: str = ME, **headers: str):
    """One request, signed in."""
    connection = http.client.HTTPSConnection("localhost", house.ports["https"], context=house.tls(), timeout=30)
    word = base64.b64encode(f"{login}:{house.people[login].password}".encode()).decode()
    given = {"Authorization": f"Basic {word}"} | {name.replace("_", "-"): each for name, each in headers.items()}
    connection.request(method, path, body, given, encode_chunked=not isinstance(body, bytes))
    answer = connection.getresponse()
    answer.octets = answer.read()
    connection.close()
    return answer


def client(house: Daemon, login: str = ME) -> caldav.DAVClient:
    """Signed in."""
    return caldav.DAVClient(
        f"https://localhost:{house.ports['https']}/dav/",
        username=login,
        password=house.people[login].password,
        ssl_verify_cert=str(house.authority),
        enable_rfc6764=False,
    )


def home(house: Daemon, login: str = ME) -> str:
    """The path of somebody's own home, as an app finds it."""
    with client(house, login) as dav:
        return dav.principal().url.path


def calendar(dav: caldav.DAVClient, name: str = "calendar") -> caldav.Calendar:
    """By the name in its path."""
    return next(each for each in dav.principal().calendars() if str(each.url).rstrip("/").endswith(f"/{name}"))


def names_of(dav: caldav.DAVClient) -> set[str]:
    """Of calendars, as in their paths."""
    return {str(each.url).rstrip("/").rpartition("/")[2] for each in dav.principal().calendars()}


def line(text: str, address: str) -> str:
    """Somebody's ATTENDEE."""
    return next((each for each in text.split("\n") if each.startswith("ATTENDEE") and address in each), "")


def event(uid: str, more: str = "", start: str = "20270105T103000") -> str:
    """An hour in Bhubaneswar, with a zone of the program's own spelling."""
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VTIMEZONE\r\nTZID:Asia/Kolkata\r\n"
        "BEGIN:STANDARD\r\nTZOFFSETFROM:+0530\r\nTZOFFSETTO:+0530\r\nDTSTART:19700101T000000\r\nEND:STANDARD\r\n"
        f"END:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART;TZID=Asia/Kolkata:{start}\r\nDURATION:PT1H\r\nSUMMARY:Review\r\n{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def kept(dav: caldav.DAVClient, uid: str, name: str = "calendar") -> str:
    """The text of a copy, unfolded; "" where there is none yet."""
    try:
        return calendar(dav, name).event_by_uid(uid).data.replace("\r\n", "\n").replace("\n ", "")
    except caldav.lib.error.NotFoundError:
        return ""
