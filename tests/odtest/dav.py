"""Calendars over TLS: python-caldav as an officer's program."""

import caldav

from odtest.daemon import Daemon


def client(house: Daemon, login: str) -> caldav.DAVClient:
    """Signed in."""
    return caldav.DAVClient(
        f"https://localhost:{house.ports['https']}/dav/",
        username=login,
        password=house.people[login].password,
        ssl_verify_cert=str(house.authority),
        enable_rfc6764=False,
    )


def calendar(dav: caldav.DAVClient, name: str = "calendar") -> caldav.Calendar:
    """By the name in its path."""
    return next(each for each in dav.principal().calendars() if str(each.url).rstrip("/").endswith(f"/{name}"))


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
