"""Calendars, address books and notes over TLS, as the installed suite serves them."""

import contextlib
import http.client
import imaplib
import os
import signal
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import caldav
import pytest

from odcore.notes import key_of
from odtest.book import holds, query
from odtest.daemon import Daemon, running, until
from odtest.dav import CARD, EVENT, ask, client, home
from odtest.files import begun
from odtest.note_apps import NoteApps
from odtest.notes import apple

COLLEAGUE = "bibhuti.das@odisha.example"

NOTE = "E31ABFC8-93F5-4BD7-9BA9-2B4A4E1C3F02"


def test_python_caldav_finds_fills_searches_and_empties_calendars(house):
    with client(house) as dav:
        principal = dav.principal()
        calendars = {str(each.url).rstrip("/").rpartition("/")[2]: each for each in principal.calendars()}
        assert {"calendar", "tasks"} <= set(calendars)
        mine = principal.make_calendar(name="Journeys & tours")
        assert mine.get_display_name() == "Journeys & tours"
        mine.save_event(
            dtstart=datetime(2026, 3, 2, 10, tzinfo=UTC),
            dtend=datetime(2026, 3, 2, 11, tzinfo=UTC),
            summary="Review, weekly",
            rrule={"FREQ": "WEEKLY"},
        )
        window = {"start": datetime(2026, 3, 9, tzinfo=UTC), "end": datetime(2026, 3, 24, tzinfo=UTC), "event": True}
        assert len(mine.search(**window)) == 1
        assert len(mine.search(**window, expand=True)) == 3
        seen = mine.objects_by_sync_token(load_objects=False)
        added = mine.save_event(EVENT.format(uid="second", summary="x"))
        changed = mine.objects_by_sync_token(seen.sync_token, load_objects=False)
        assert [each.url.path for each in changed] == [added.url.path]
        added.load()
        assert "geo:20.27,85.84" in added.data
        added.delete()
        task = calendars["tasks"].save_todo(summary="Call back")
        assert [each.id for each in calendars["tasks"].todos()] == [task.id]
        task.complete()
        assert calendars["tasks"].todos() == []
        mine.delete()


def test_a_holder_finds_the_calendar_of_the_post_and_colleagues_find_neither(house):
    own = home(house)
    assert ask(house, "PUT", f"{own}calendar/private.ics", EVENT.format(uid="p", summary="x").encode()).status == 201
    with client(house) as dav:
        post = next(each for each in dav.principal().calendars() if each.url.path.endswith("~calendar/"))
        assert post.get_display_name().startswith("Collector and District Magistrate, Khordha: ")
        kept = post.save_event(EVENT.format(uid="post", summary="Hearing"))
    assert ask(house, "GET", kept.url.path).status == 200
    assert ask(house, "GET", kept.url.path, login=COLLEAGUE).status == 404
    there = ask(house, "GET", f"{own}calendar/private.ics", login=COLLEAGUE)
    nowhere = ask(house, "GET", "/dav/00000000-0000-0000-0000-000000000000/calendar/private.ics", login=COLLEAGUE)
    assert (there.status, there.octets) == (nowhere.status, nowhere.octets) == (404, nowhere.octets)
    assert ask(house, "DELETE", f"{own}calendar/private.ics").status == 204


def test_shared_calendars_are_found_by_a_client_and_gone_when_taken_back(house):
    house.odmail("calendar", "share", "add", "bibhuti.das", "calendar", "office:khordha", "write")
    assert "office:khordha" in house.odmail("calendar", "share", "list", "bibhuti.das")
    assert "calendar: write" in house.odmail("calendar", "share", "of", "sasmita.nayak")
    with client(house) as dav:
        shared = next(
            each for each in dav.principal().calendars() if each.get_display_name() == "Bibhuti Das: Calendar"
        )
        kept = shared.save_event(EVENT.format(uid="shared", summary="Visit"))
    assert (
        ask(
            house, "GET", f"{home(house, COLLEAGUE)}calendar/{kept.url.path.rpartition('/')[2]}", login=COLLEAGUE
        ).status
        == 200
    )
    house.odmail("calendar", "share", "remove", "bibhuti.das", "calendar", "office:khordha")
    assert ask(house, "GET", kept.url.path).status == 404
    house.odmail("delegate", "add", "bibhuti.das", "sasmita.nayak", "--calendars", "--write")
    assert "bibhuti.das" in house.odmail("delegate", "of", "sasmita.nayak", "--calendars")
    assert ask(house, "DELETE", kept.url.path).status == 204
    house.odmail("delegate", "remove", "bibhuti.das", "sasmita.nayak", "--calendars")
    assert "collection-unshared" in house.odmail("audit", "list", "bibhuti.das")


def test_holidays_of_a_sheet_are_a_calendar_beside_ones_own_that_cannot_be_written(house, tmp_path):
    sheet = tmp_path / "days.csv"
    sheet.write_text("date;name\n2026-01-26;Republic Day\n2026-04-01;Utkal Divas\n")
    assert "2 days" in house.odmail("calendar", "holidays", "bibhuti.das", str(sheet), "--office", "khordha")
    with client(house) as dav:
        days = next(each for each in dav.principal().calendars() if each.get_display_name() == "Bibhuti Das: Holidays")
        assert sorted(str(each.icalendar_component["summary"]) for each in days.events()) == [
            "Republic Day",
            "Utkal Divas",
        ]
        with pytest.raises(caldav.lib.error.AuthorizationError):
            days.save_event(EVENT.format(uid="own", summary="Mine"))


def test_a_part_of_a_name_in_any_script_finds_whom_to_invite(house):
    for text in ("ibhut", "ବିଭୂ", "Magistrate, Puri"):
        body = (
            '<D:principal-property-search xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:property-search>'
            f"<D:prop><D:displayname/></D:prop><D:match>{text}</D:match></D:property-search>"
            "<D:prop><D:displayname/><C:calendar-user-address-set/></D:prop></D:principal-property-search>"
        )
        told = ask(house, "REPORT", "/dav/", body.encode(), Depth="0")
        assert told.status == 207
        address = b"collector.puri@" if text.startswith("M") else COLLEAGUE.encode()
        assert address in told.octets
        assert b"sasmita" not in told.octets


def test_without_signing_in_only_what_is_spoken_is_told(house):
    connection = http.client.HTTPSConnection("localhost", house.ports["https"], context=house.tls(), timeout=30)
    connection.request("OPTIONS", "/dav/")
    told = connection.getresponse()
    told.read()
    assert (told.status, "calendar-access" in told.headers["DAV"]) == (200, True)
    connection.request("PROPFIND", "/dav/")
    assert connection.getresponse().status == 401


def test_a_chunked_upload_is_stored_and_empties_nothing(house):
    path = f"{home(house)}calendar/"
    octets = EVENT.format(uid="chunked", summary="y" * 200_000).encode()
    parts = [octets[at : at + 1000] for at in range(0, len(octets), 1000)]
    assert ask(house, "PUT", f"{path}chunked.ics", iter(parts)).status == 201
    assert ask(house, "PUT", path, iter([b""])).status == 405
    assert ask(house, "GET", f"{path}chunked.ics").octets == octets
    assert ask(house, "PUT", f"{path}large.ics", b"x" * (11 << 20)).status == 413
    assert ask(house, "DELETE", f"{path}chunked.ics").status == 204


@pytest.mark.parametrize("chunked", [False, True])
def test_an_upload_that_is_cut_changes_nothing(house, chunked):
    """Of one whose length was announced even a part that is a whole event."""
    path = f"{home(house)}calendar/cut-{chunked}.ics"
    octets = EVENT.format(uid=f"cut-{chunked}", summary="old").encode()
    assert ask(house, "PUT", path, octets).status == 201
    part = octets.replace(b"old", b"new")
    more = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(part) + 100}"
    with contextlib.closing(begun(house, path, 0, more)) as upload:
        upload.sendall(b"%x\r\n%s\r\n" % (len(part) - 40, part[:-40]) if chunked else part)
    until(lambda: refused(house, path), "the upload is over")
    assert ask(house, "GET", path).octets == octets


def refused(house: Daemon, path: str) -> bool:
    """Was a PUT there?"""
    return any(
        line.get("path") == path and line["method"] == "PUT" and line["status"][0] == "4" for line in house.log_lines()
    )


def test_of_many_writers_at_once_one_wins(house):
    path = f"{home(house)}calendar/race.ics"
    first = ask(house, "PUT", path, EVENT.format(uid="race", summary="0").encode()).headers["ETag"]
    found: list[int] = []

    def write(number: int) -> None:
        body = EVENT.format(uid="race", summary=str(number)).encode()
        found.append(ask(house, "PUT", path, body, If_Match=first).status)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(1, 7)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert sorted(found) == [204, 412, 412, 412, 412, 412]
    assert ask(house, "DELETE", path).status == 204


def test_the_directory_is_searched_in_odia_and_follows_what_is_changed(house):
    with client(house) as dav:
        asked = (
            '<propfind xmlns="DAV:"><prop><directory-gateway xmlns="urn:ietf:params:xml:ns:carddav"/></prop></propfind>'
        )
        told = dav.propfind(dav.url.join(home(house)), asked, 0)
        [gateway] = told.tree.iter("{urn:ietf:params:xml:ns:carddav}directory-gateway")

        def found(text: str) -> str:
            return dav.report(dav.url.join(gateway[0].text), query(holds("FN", text)), 1).raw

        until(lambda: "bibhuti.das@odisha.example" in found("\u0b3f\u0b2d\u0b42\u0b24\u0b3f"), "the book is made", 30)
        house.odmail("person", "edit", "bibhuti.das", "--telephone", "06752-222111")
        until(lambda: "06752-222111" in found("bhuti"), "the book followed", 30)


@pytest.mark.breaks
def test_what_was_acknowledged_survives_kill_9():
    """And in the middle of an upload the old content does."""
    with running(("directory", "web")) as house:
        path = f"{home(house)}contacts/"
        for number in range(5):
            card = CARD.format(uid=number, name=f"Person {number}").encode()
            assert ask(house, "PUT", f"{path}{number}.vcf", card).status == 201
            house.kill("web-1")
            assert ask(house, "GET", f"{path}{number}.vcf").octets == card
        with contextlib.closing(begun(house, f"{path}0.vcf", 1000)) as upload:
            upload.sendall(CARD.format(uid=0, name="Nobody").encode())
            house.kill("web-1")
        assert b"Person 0" in ask(house, "GET", f"{path}0.vcf").octets
        assert "the collections of 1 accounts keep every invariant" in house.odmail("doctor")


def test_a_note_of_apple_notes_and_a_journal_are_one_note_while_both_change(house):
    """By imaplib on one side and HTTP on the other; Apple Notes appends the new version and expunges the old one."""
    path = home(house, COLLEAGUE)
    imap = imaplib.IMAP4_SSL("localhost", house.ports["imaps"], ssl_context=house.tls(), timeout=30)
    imap.login(COLLEAGUE, house.people[COLLEAGUE].password)
    imap.append("Notes", None, None, apple(NOTE, "Tour", "take the map"))
    resource = f"{path}notes/{NOTE}.ics"
    found = until(lambda: (a := ask(house, "GET", resource, login=COLLEAGUE)).status == 200 and a.octets, "the journal")
    assert b"DESCRIPTION:take the map\r\n" in found
    changed = found.replace(b"the map", b"both maps")
    assert ask(house, "PUT", resource, changed, COLLEAGUE, Content_Type="text/calendar").status == 204

    def letter() -> bytes | None:
        imap.select("Notes")
        _, [uids] = imap.uid("SEARCH", f'HEADER X-Universally-Unique-Identifier {NOTE} BODY "both maps"')
        return uids or None

    [uid] = until(letter, "the note").split()
    imap.append("Notes", None, None, apple(NOTE, "Tour", "stay at home"))
    imap.uid("STORE", uid.decode(), "+FLAGS", r"(\Deleted)")
    imap.expunge()
    until(lambda: b"stay at home" in ask(house, "GET", resource, login=COLLEAGUE).octets, "the last version")
    imap.logout()


@pytest.mark.breaks
def test_both_faces_of_notes_meet_though_the_worker_is_killed_in_between(house):
    """While one app writes over IMAP and another over HTTP; what nobody replaced while seeing it is still there."""
    login = "mamata.jena@odisha.example"
    apps = NoteApps(house, login, f"{home(house, login)}notes/")
    keys = [key_of(f"note {number}") for number in range(16)]

    def work(name: str, writes: Callable[[int], Iterable[Callable[[str, str], set[bytes]]]]) -> set[bytes]:
        """The texts that nobody replaced while seeing them. The worker dies right after a write, and the apps go on."""
        written = set()
        for number, key in enumerate(keys):
            for write in writes(number):
                text = f"text {name} {number} {write.__name__}."
                written.add(text.encode())
                written -= write(key, text)
            if number % 8 == 4:
                os.kill(until(lambda: house.pid("queue"), "a worker runs"), signal.SIGKILL)
            if number % 8 == 7:
                until(lambda: house.pid("queue") and house.health()["status"] == "ok", "the worker is back")
        return written

    def met(written: set[bytes]) -> bool:
        letters, journals = apps.texts()
        return letters == journals and written <= set(letters)

    put, append = apps.put, apps.append
    first = work("first", lambda number: [put if number % 2 else append])
    until(lambda: met(first), lambda: f"both say {apps.texts()}, {first} were written")
    second = work("second", lambda number: [put, append] if number % 4 == 0 else [append if number % 2 else put])
    until(lambda: met(second), lambda: f"both say {apps.texts()}, {second} were written")
    assert not first & set(apps.texts()[0])
    apps.close()
