"""Calendars and address books with clients nobody here wrote: vdirsyncer, khal, todoman, khard, litmus."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from odtest.book import holds, query
from odtest.clients import litmus
from odtest.daemon import Daemon
from odtest.dav import CARD, EVENT, ME, ask, calendar, client, event, home
from odtest.relay import relay

ALL = (
    b'<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop>'
    b'<C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>'
)


def run(*argv: str) -> str:
    """What a program said, on success."""
    done = subprocess.run(
        [sys.executable, "-m", *argv], capture_output=True, text=True, timeout=120, input="y\n" * 20, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def vdirsyncer(folder: Path, *argv: str) -> str:
    return run("vdirsyncer", "-c", str(folder / "config"), *argv)


def pair(house: Daemon, folder: Path, kind: str, collections: list[str], suffix: str) -> Path:
    """A folder that vdirsyncer shall keep like collections on the server."""
    (folder / "config").write_text(
        f"""
[general]
status_path = "{folder}/status"
[pair it]
a = "here"
b = "there"
collections = {json.dumps(collections)}
[storage here]
type = "filesystem"
path = "{folder}/here"
fileext = "{suffix}"
[storage there]
type = "{kind}"
url = "https://localhost:{house.ports["https"]}/dav/"
username = "{ME}"
password = "{house.people[ME].password}"
verify = "{house.authority}"
"""
    )
    for each in collections:
        (folder / "here" / each).mkdir(parents=True)
    return folder / "here"


@pytest.mark.parametrize(
    ("kind", "collection", "suffix", "made"),
    [("caldav", "calendar", ".ics", EVENT), ("carddav", "contacts", ".vcf", CARD)],
)
def test_vdirsyncer_keeps_a_folder_and_a_collection_alike_both_ways(house, tmp_path, kind, collection, suffix, made):
    path = f"{home(house)}{collection}/"
    one, two = (made.format(uid=uid, summary="S", name="N").encode() for uid in (f"v1{kind}", f"v2{kind}"))
    folder = pair(house, tmp_path, kind, [collection], suffix) / collection
    (folder / f"one{suffix}").write_bytes(one)
    assert ask(house, "PUT", f"{path}two{suffix}", two).status == 201
    vdirsyncer(tmp_path, "discover")
    vdirsyncer(tmp_path, "sync")
    contents = {each.read_bytes().replace(b"\r\n", b"\n") for each in folder.iterdir()}
    assert {each.replace(b"\r\n", b"\n") for each in (one, two)} <= contents
    changed = two.replace(b":S", b":T").replace(b"FN:N", b"FN:M")
    assert ask(house, "PUT", f"{path}two{suffix}", changed).status == 204
    (folder / f"one{suffix}").unlink()
    vdirsyncer(tmp_path, "sync")
    assert changed.replace(b"\r\n", b"\n") in {each.read_bytes().replace(b"\r\n", b"\n") for each in folder.iterdir()}
    listing = ask(house, "PROPFIND", path, Depth="1").octets
    assert listing.count(suffix.encode()) == len(list(folder.iterdir()))
    assert ask(house, "DELETE", f"{path}two{suffix}").status == 204
    vdirsyncer(tmp_path, "sync", "--force-delete")


def test_events_of_khal_and_tasks_of_todoman_are_on_the_server_and_its_own_in_them(house, tmp_path):
    folder = pair(house, tmp_path, "caldav", ["calendar", "tasks"], ".ics")
    formats = "\n".join(
        f"{each} = {'%Y-%m-%d ' * ('date' in each)}{'%H:%M' * ('time' in each)}".strip()
        for each in ("timeformat", "dateformat", "longdateformat", "datetimeformat", "longdatetimeformat")
    )
    (tmp_path / "khal").write_text(
        f"[calendars]\n[[it]]\npath = {folder}/calendar\n[locale]\n{formats}\nlocal_timezone = Asia/Kolkata\n"
        f"default_timezone = Asia/Kolkata\n[sqlite]\npath = {tmp_path}/khal.db\n"
    )
    (tmp_path / "todo.py").write_text(
        f'path = "{folder}/*"\ndate_format = "%Y-%m-%d"\ntime_format = "%H:%M"\ncache_path = "{tmp_path}/todo.db"\n'
    )
    khal, todo = ("khal", "-c", str(tmp_path / "khal")), ("todoman", "--config", str(tmp_path / "todo.py"))
    run(*khal, "new", "-a", "it", "2027-02-05", "10:00", "11:00", "Review of roads")
    run(*todo, "new", "-l", "tasks", "-d", "2027-02-06", "Send the map")
    path = home(house)
    assert ask(house, "PUT", f"{path}calendar/k.ics", EVENT.format(uid="k", summary="Tour").encode()).status == 201
    vdirsyncer(tmp_path, "discover")
    vdirsyncer(tmp_path, "sync")
    for collection, text in (("calendar", b"SUMMARY:Review of roads"), ("tasks", b"DUE;VALUE=DATE:20270206")):
        assert text in ask(house, "REPORT", f"{path}{collection}/", ALL, Depth="1").octets
    assert "15:30-16:30 Tour" in run(*khal, "list", "2026-01-05")
    assert ask(house, "DELETE", f"{path}calendar/k.ics").status == 204
    vdirsyncer(tmp_path, "sync")
    assert "Tour" not in run(*khal, "list", "2026-01-05")
    assert "Send the map" in run(*todo, "list")


def test_a_card_of_khard_is_on_the_server_and_the_servers_in_khard(house, tmp_path):
    book = pair(house, tmp_path, "carddav", ["contacts"], ".vcf") / "contacts"
    (tmp_path / "khard.conf").write_text(f"[addressbooks]\n[[it]]\npath = {book}\n[vcard]\npreferred_version = 4.0\n")
    (tmp_path / "new").write_text(
        "First name: Manas\nLast name: Khard\nEmail:\n    work: manas@x\nOrganisation: Revenue\n"
    )
    khard = ("khard", "-c", str(tmp_path / "khard.conf"))
    run(*khard, "new", "-i", str(tmp_path / "new"))
    theirs = CARD.format(uid="khard", name="ସସ୍ମିତା ଖର୍ଡ").replace("END:", "EMAIL:sasmita@x\r\nEND:")
    assert ask(house, "PUT", f"{home(house)}contacts/khard.vcf", theirs.encode()).status == 201
    vdirsyncer(tmp_path, "discover")
    vdirsyncer(tmp_path, "sync")
    asked = ask(house, "REPORT", f"{home(house)}contacts/", query(holds("FN", "manas kh")), Depth="1").octets
    assert b"EMAIL;TYPE=work:manas@x" in asked
    assert "sasmita@x\tସସ୍ମିତା ଖର୍ଡ" in run(*khard, "email", "-p", "ସସ୍ମି")


def test_litmus_finds_in_a_calendar_what_a_calendar_can_be(house, tmp_path, monkeypatch):
    """It makes a plain collection, keeps plain text in it and collections below: of a calendar, these are refused."""
    monkeypatch.chdir(tmp_path)
    here = home(house)
    plain = f"MKCOL {here}litmus/ ".encode()

    def change(asked: bytes) -> bytes:
        return asked.replace(b"MKCOL", b"MKCALENDAR", 1) if asked.startswith(plain) else asked

    with relay(house, change) as port:
        said = litmus(f"http://localhost:{port}{here}", ME, house.people[ME].password, tmp_path, "http", "basic")
    text, below = ("put_get", "put_get_utf8_segment"), ("delete_fragment", "mkcol")
    needing_them = ("mkcol_over_plain", "delete", "mkcol_again", "delete_coll")
    left_out = dict.fromkeys((*text, *below), "FAIL") | dict.fromkeys(needing_them, "SKIPPED")
    assert {name: how for name, how in said.items() if how != "pass"} == left_out
    others = {"expect100", "options", "put_no_parent", "delete_null", "mkcol_no_parent", "mkcol_with_body"}
    assert others < said.keys()
    assert ask(house, "PUT", f"{here}calendar/%E0%AC%B8%E0%AC%AD%E0%AC%BE.ics", event("odia").encode()).status == 201
    with client(house) as dav:
        assert calendar(dav).event_by_uid("odia").url.path.endswith("/%E0%AC%B8%E0%AC%AD%E0%AC%BE.ics")
