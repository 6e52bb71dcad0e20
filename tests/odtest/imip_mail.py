"""Invitations and answers as the programs of others mail them: Google, Exchange, Thunderbird, Apple."""

import base64

FORMS = ("google", "exchange", "thunderbird", "apple")


def mail(form: str, author: str, to: str, method: str, calendar: str, message_id: str) -> bytes:
    """A whole message in the shape one of them gives it."""
    octets = calendar.encode()
    make = {"google": _google, "exchange": _exchange, "thunderbird": _thunderbird, "apple": _apple}[form]
    head = f"From: Guest <{author}>\r\nTo: {to}\r\nMessage-ID: <{message_id}>\r\nSubject: Re\r\nMIME-Version: 1.0\r\n"
    return head.encode() + make(method, octets)


def _entity(kind: str, octets: bytes, encoding: str = "base64", more: str = "") -> bytes:
    body = base64.encodebytes(octets).replace(b"\n", b"\r\n") if encoding == "base64" else octets
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n{more}\r\n".encode() + body


def _multipart(kind: str, *parts: bytes) -> bytes:
    mark = f"=_{kind}_{len(parts)}"
    body = b"".join(f"--{mark}\r\n".encode() + part + b"\r\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{mark}"\r\n\r\n'.encode() + body + f"--{mark}--\r\n".encode()


def _google(method: str, octets: bytes) -> bytes:
    """Words, a page and the calendar as alternatives, and the same calendar as a file."""
    return _multipart(
        "mixed",
        _multipart(
            "alternative",
            _entity('text/plain; charset="UTF-8"; format=flowed; delsp=yes', b"Guest has accepted."),
            _entity('text/html; charset="UTF-8"', b"<p>Guest has accepted.</p>", "quoted-printable"),
            _entity(f'text/calendar; charset="UTF-8"; method={method}', octets, "7bit"),
        ),
        _entity(
            'application/ics; name="invite.ics"',
            octets,
            more='Content-Disposition: attachment; filename="invite.ics"\r\n',
        ),
    )


def _exchange(method: str, octets: bytes) -> bytes:
    """The calendar as the last alternative, UTF-8 in base64."""
    return _multipart(
        "alternative",
        _entity('text/plain; charset="us-ascii"', b"\r\n", "quoted-printable"),
        _entity(f'text/calendar; charset="utf-8"; method={method}', octets),
    )


def _thunderbird(method: str, octets: bytes) -> bytes:
    """As Google's, without a page."""
    return _multipart(
        "mixed",
        _multipart(
            "alternative",
            _entity("text/plain; charset=UTF-8", b"Guest has accepted.", "7bit"),
            _entity(f"text/calendar; method={method}; charset=UTF-8", octets, "8bit"),
        ),
        _entity(
            'application/ics; name="invite.ics"',
            octets,
            more='Content-Disposition: attachment; filename="invite.ics"\r\n',
        ),
    )


def _apple(method: str, octets: bytes) -> bytes:
    """The calendar behind the words."""
    return _multipart(
        "alternative",
        _entity("text/plain; charset=us-ascii", b"Guest has accepted.", "7bit"),
        _entity(f"text/calendar; charset=utf-8; method={method}", octets, "8bit"),
    )


def exchange_reply(uid: str, organizer: str, author: str, said: str) -> str:
    """As Exchange words it: its own zone's name, its own properties, upper-case MAILTO."""
    return (
        "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nPRODID:Microsoft Exchange Server 2010\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\n"
        "TZID:India Standard Time\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nTZOFFSETFROM:+0530\r\n"
        "TZOFFSETTO:+0530\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:16010101T000000\r\nTZOFFSETFROM:+0530\r\n"
        f"TZOFFSETTO:+0530\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nATTENDEE;PARTSTAT={said};CN=Guest:MAILTO:\r\n"
        f" {author.upper()}\r\nORGANIZER:mailto:{organizer}\r\nCOMMENT;LANGUAGE=en-US:\\n\r\nUID:{uid}\r\n"
        "SUMMARY;LANGUAGE=en-US:Accepted: Review\r\nDTSTART;TZID=India Standard Time:20270105T103000\r\n"
        "DTEND;TZID=India Standard Time:20270105T113000\r\nCLASS:PUBLIC\r\nPRIORITY:5\r\nDTSTAMP:20270101T000000Z\r\n"
        "TRANSP:OPAQUE\r\nSTATUS:CONFIRMED\r\nSEQUENCE:0\r\nX-MICROSOFT-CDO-APPT-SEQUENCE:0\r\nEND:VEVENT\r\n"
        "END:VCALENDAR\r\n"
    )


def reply(
    uid: str, organizer: str, author: str, said: str, method: str = "REPLY", start: str = "20270105T050000Z"
) -> str:
    """As Google words it: in UTC."""
    return (
        f"BEGIN:VCALENDAR\r\nPRODID:-//Google Inc//Google Calendar 70.9054//EN\r\nVERSION:2.0\r\nCALSCALE:GREGORIAN\r\n"
        f"METHOD:{method}\r\nBEGIN:VEVENT\r\nDTSTART:{start}\r\nDTEND:20270105T060000Z\r\nDTSTAMP:20270101T000000Z\r\n"
        f"ORGANIZER;CN=Anna:mailto:{organizer}\r\nUID:{uid}\r\nATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=\r\n"
        f" {said};CN=Guest;X-NUM-GUESTS=0:mailto:{author}\r\nCREATED:20270101T000000Z\r\nSEQUENCE:0\r\n"
        "STATUS:CONFIRMED\r\nSUMMARY:Review\r\nTRANSP:OPAQUE\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def request(
    uid: str, organizer: str, to: str, method: str = "REQUEST", sequence: int = 0, status: str = "CONFIRMED"
) -> str:
    """An invitation from outside."""
    return (
        f"BEGIN:VCALENDAR\r\nPRODID:-//Google Inc//Google Calendar 70.9054//EN\r\nVERSION:2.0\r\nCALSCALE:GREGORIAN\r\n"
        f"METHOD:{method}\r\nBEGIN:VEVENT\r\nDTSTART:20270105T050000Z\r\nDTEND:20270105T060000Z\r\n"
        f"DTSTAMP:2027010{sequence + 1}T000000Z\r\nORGANIZER;CN=Guest:mailto:{organizer}\r\nUID:{uid}\r\n"
        f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;X-NUM-GUESTS=0:mailto:{to}\r\n"
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{organizer}\r\nSEQUENCE:{sequence}\r\nSTATUS:{status}\r\nSUMMARY:Audit\r\n"
        "TRANSP:OPAQUE\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
