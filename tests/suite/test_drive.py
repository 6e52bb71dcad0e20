"""The drive as the installed suite serves it over TLS, to clients nobody here wrote: rclone, cadaver, litmus."""

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import threading
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from odtest.browser import Browser
from odtest.clients import litmus, run, secret
from odtest.daemon import Daemon, running, until
from odtest.files import BIBHUTI, MULTISTATUS, SASMITA, ask, begun, fresh, url
from odtest.relay import relay


@pytest.fixture
def folder(house) -> str:
    return fresh(house)


def rclone(house: Daemon, home: Path, *argv: str) -> str:
    settings = home / "rclone.conf"
    if not settings.exists():
        hidden = run("rclone", "obscure", house.people[SASMITA].password, home=home).strip()
        lines = [
            "[d]",
            "type = webdav",
            "vendor = other",
            f"url = {url(house)}",
            f"user = {SASMITA}",
            f"pass = {hidden}",
        ]
        settings.write_text("\n".join(lines))
    given = ("--config", str(settings), "--ca-cert", str(house.authority), "--retries", "1")
    return run("rclone", *given, *argv, home=home)


def test_litmus_finds_nothing_wrong(house, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # it writes logs
    said = run("litmus", url(house), SASMITA, house.people[SASMITA].password, home=tmp_path)
    found = re.findall(r"of (\d+) tests run: (\d+) passed, (\d+) failed", said)
    assert [int(run) for run, _, _ in found] == [16, 13, 30, 41, 3]
    assert [int(failed) for _, _, failed in found] == [0] * 5
    warnings = re.findall("WARNING: (.*)", said)  # a fragment in an address never gets as far as the drive
    assert all("fragment" in warning for warning in warnings)


def test_litmus_asks_for_a_go_ahead_where_there_is_no_tls(house, tmp_path, monkeypatch):
    """Its 104th test: it leaves that one out where there is TLS."""
    monkeypatch.chdir(tmp_path)
    with relay(house) as port:
        said = litmus(f"http://localhost:{port}/drive/", SASMITA, house.people[SASMITA].password, tmp_path, "http")
    assert set(said.values()) == {"pass"}
    assert "expect100" in said


def test_rclone_brings_two_hundred_files_there_and_back(house, folder, tmp_path):
    here, back = tmp_path / "here", tmp_path / "back"
    for number in range(200):
        name = here / f"folder {number % 7}" / f"ଫାଇଲ {number} #?%.bin"
        name.parent.mkdir(parents=True, exist_ok=True)
        name.write_bytes(os.urandom(number * 37))
    there = f"d:{folder.removeprefix('/drive/')}"
    rclone(house, tmp_path, "sync", str(here), there)
    rclone(house, tmp_path, "check", "--download", str(here), there)
    (here / "folder 0" / "new").write_bytes(b"new")
    min((here / "folder 1").iterdir()).unlink()
    rclone(house, tmp_path, "sync", str(here), there)
    rclone(house, tmp_path, "moveto", f"{there}/folder 2", f"{there}/ଫୋଲ୍ଡର")
    (here / "folder 2").rename(here / "ଫୋଲ୍ଡର")
    rclone(house, tmp_path, "sync", there, str(back))
    assert contents(back) == contents(here)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_cadaver_puts_locks_moves_and_gets(house, folder, tmp_path):
    secret(tmp_path / ".netrc", f"machine localhost login {SASMITA} password {house.people[SASMITA].password}\n")
    (tmp_path / "letter").write_bytes(b"Dear Collector\n")
    given = [f"put {tmp_path}/letter letter", "lock letter", "propset letter subject Water", "unlock letter"]
    given += ["move letter moved", "copy moved copied", f"get moved {tmp_path}/back", "quit"]
    address = url(house, folder.removeprefix("/drive/"))
    terminal = ["script", "-qec", f"cadaver {address}/", "/dev/null"]  # it asks about certificates only there
    said = run(*terminal, home=tmp_path, text="\n".join(["y", *given, ""]))
    assert (tmp_path / "back").read_bytes() == b"Dear Collector\n", said
    assert "failed" not in said
    assert sorted(ask(house, "PROPFIND", folder, Depth="1").hrefs())[1:] == [f"{folder}/copied", f"{folder}/moved"]


def test_an_upload_that_is_cut_changes_nothing(house, folder):
    assert ask(house, "PUT", f"{folder}/a", b"old").status == 201
    for name in ("a", "b"):
        with contextlib.closing(begun(house, f"{folder}/{name}", 9_000_000)) as upload:
            upload.sendall(b"x" * 1_500_000)
    until(lambda: idle(house), "both uploads are over")
    assert ask(house, "GET", f"{folder}/a").octets == b"old"
    assert ask(house, "GET", f"{folder}/b").status == 404


def test_a_cut_chunked_upload_of_announced_length_changes_nothing(house, folder):
    assert ask(house, "PUT", f"{folder}/a", b"old").status == 201
    chunked = "Transfer-Encoding: chunked\r\nX-Expected-Entity-Length: 1000"
    with contextlib.closing(begun(house, f"{folder}/a", 0, chunked)) as upload:
        upload.sendall(b"5\r\nhello\r\n")
    until(lambda: idle(house), "the upload is over")
    assert ask(house, "GET", f"{folder}/a").octets == b"old"


def idle(house: Daemon) -> bool:
    """No upload has a spool file."""
    return not list((house.folder / "accounts").glob("*/*/drive/tmp/*"))


@pytest.mark.parametrize("size", [1, 100_000])
def test_what_a_put_meets_is_told(house, folder, size):
    for path, statuses in ((f"{folder}/a", (201, 204)), (f"{folder}/A", (409,) * 2), (f"{folder}/x/a", (409,) * 2)):
        assert tuple(ask(house, "PUT", path, b"x" * size).status for _ in range(2)) == statuses
    for path in (folder, f"{folder}/"):
        assert ask(house, "PUT", path, b"x" * size).status == 405
    old = "Thu, 01 Jan 2015 00:00:00 GMT"
    for condition in ({"If_Unmodified_Since": old}, {"If_None_Match": "*"}, {"If_Match": '"other"'}):
        assert ask(house, "PUT", f"{folder}/a", b"y" * size, **condition).status == 412
    assert ask(house, "GET", f"{folder}/a").octets == b"x" * size


def test_curl_gets_ranges_and_learns_that_nothing_changed(house, folder):
    etag = ask(house, "PUT", f"{folder}/a", b"0123456789").headers["ETag"]
    assert ask(house, "GET", f"{folder}/a", Range="bytes=2-4").octets == b"234"
    assert ask(house, "GET", f"{folder}/a", Range="bytes=-3").octets == b"789"
    assert ask(house, "GET", f"{folder}/a", Range="bytes=20-").status == 416
    assert ask(house, "GET", f"{folder}/a", If_None_Match=etag).status == 304
    given = ["--cacert", str(house.authority), "-u", f"{SASMITA}:{house.people[SASMITA].password}"]
    path = url(house, f"{folder.removeprefix('/drive/')}/a")
    for version in ("--http1.1", "--http2"):
        said = subprocess.run(["curl", "-sS", version, *given, "-r", "5-", path], capture_output=True, check=True)
        assert said.stdout == b"56789"
    moved = ["-X", "MOVE", "-H", f"Destination: {path}b", "-w", "%{http_code}", path]
    assert subprocess.run(["curl", "-sS", "--http2", *given, *moved], capture_output=True, check=True).stdout == b"201"


def test_of_two_writers_the_second_is_told(house, folder):
    etag = ask(house, "PUT", f"{folder}/a", b"one").headers["ETag"]
    assert ask(house, "PUT", f"{folder}/a", b"two", If_Match=etag).status == 204
    assert ask(house, "PUT", f"{folder}/a", b"three", If_Match=etag).status == 412
    assert ask(house, "PUT", f"{folder}/a", b"four", If_None_Match="*").status == 412
    assert ask(house, "PUT", f"{folder}/new", b"five", If_Match=etag).status == 412
    assert ask(house, "GET", f"{folder}/a").octets == b"two"


def test_etags_are_quoted_and_the_same_everywhere(house, folder):
    etag = ask(house, "PUT", f"{folder}/a", b"one").headers["ETag"]
    wanted = b'<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'
    listed = ElementTree.fromstring(ask(house, "PROPFIND", f"{folder}/a", wanted, Depth="0").octets)
    assert [each.text for each in listed.iter("{DAV:}getetag")] == [etag]
    assert re.fullmatch(r'"[0-9a-f]{32}"', etag)


def test_only_names_are_listed_when_only_names_are_asked_for(house, folder):
    names = b'<propfind xmlns="DAV:"><propname/></propfind>'
    listed = ElementTree.fromstring(ask(house, "PROPFIND", folder, names, Depth="0").octets)
    (prop,) = listed.iter("{DAV:}prop")
    assert {"{DAV:}resourcetype", "{DAV:}quota-used-bytes"} <= {each.tag for each in prop}
    assert all(each.text is None for each in prop)


def test_a_listing_says_the_same_however_it_is_written(house, folder):
    """What asks for locks, too, goes another way."""
    ask(house, "PUT", f"{folder}/{quote('a & <b> ଓ.txt')}", b"one")
    ask(house, "MKCOL", f"{folder}/in")
    plain = "<resourcetype/><creationdate/><getlastmodified/><getcontentlength/><getcontenttype/><getetag/>"

    def told(names: str) -> dict[tuple, set]:
        asked = f'<propfind xmlns="DAV:"><prop>{names}</prop></propfind>'.encode()
        found = {}
        for each in ElementTree.fromstring(ask(house, "PROPFIND", folder, asked, Depth="1").octets):
            for part in each.iterfind("D:propstat", MULTISTATUS):
                status = part.findtext("D:status", None, MULTISTATUS)
                props = [prop for prop in part.find("D:prop", MULTISTATUS) if "lock" not in prop.tag]
                values = {(prop.tag, prop.text, tuple(inner.tag for inner in prop)) for prop in props}
                found[each.findtext("D:href", None, MULTISTATUS), status] = values
        return found

    assert told(plain) == told(plain + "<lockdiscovery/>")
    assert len(told(plain)) == 5
    every = ask(house, "PROPFIND", folder, b'<propfind xmlns="DAV:"><allprop/></propfind>', Depth="1")
    assert every.octets.count(b"getetag") == 2


def test_listings_have_a_depth(house, folder):
    refused = ask(house, "PROPFIND", folder, Depth="infinity")
    assert (refused.status, b"propfind-finite-depth" in refused.octets) == (403, True)
    assert ask(house, "PROPFIND", folder).status == 403


@pytest.mark.parametrize("name", ["page.html", "image.svg", "data.xml", "file.pdf", "page.xhtml", "nothing"])
def test_nothing_uploaded_runs_in_a_browser(house, folder, name):
    ask(house, "PUT", f"{folder}/{name}", b"<script>alert(1)</script>", Content_Type="text/html")
    headers = ask(house, "GET", f"{folder}/{name}").headers
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["Content-Security-Policy"].startswith("sandbox")
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    ["../x", "..%2fx", "%2e%2e/x", "a%5c..%5cb", "%252e%252e/%c0%ae%c0%ae/x", "x%00y", "%c0%ae%c0%ae/x", "n" * 300],
)
def test_names_that_lead_elsewhere_are_refused(house, folder, path):
    assert ask(house, "PUT", f"{folder}/{path}", b"x").status in (400, 403, 404, 409)
    assert ask(house, "MOVE", folder, Destination=f"{folder}/../../{path}").status in (400, 403, 409, 502)


@pytest.mark.parametrize(
    "target",
    ["https://elsewhere.example/drive/x", "https://a@localhost/drive/x", "ftp://localhost/drive/x", "/driver/x", "/x"],
)
def test_nothing_is_moved_off_the_drive(house, folder, target):
    assert ask(house, "MOVE", folder, Destination=target).status == 502
    assert ask(house, "PROPFIND", folder, Depth="0").status == 207


def test_a_name_with_a_question_mark_survives_a_move(house, folder):
    ask(house, "PUT", f"{folder}/a", b"x")
    target = f"{folder}/{quote('what? #1; 100%')}"
    assert ask(house, "MOVE", f"{folder}/a", Destination=target).status == 201
    assert ask(house, "GET", target).octets == b"x"


def test_nobody_sees_the_files_of_others(house, folder):
    ask(house, "PUT", f"{folder}/a", b"mine")
    assert ask(house, "GET", f"{folder}/a", who=BIBHUTI).status == 404
    assert ask(house, "PROPFIND", folder, who=BIBHUTI, Depth="0").status == 404
    assert folder + "/" not in ask(house, "PROPFIND", "/drive/", who=BIBHUTI, Depth="1").hrefs()


def test_a_locked_file_is_left_alone(house, folder):
    ask(house, "PUT", f"{folder}/a", b"old")
    info = b'<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>'
    token = ask(house, "LOCK", f"{folder}/a", info).headers["Lock-Token"]
    refused = ask(house, "PUT", f"{folder}/a", b"new")
    assert (refused.status, b"lock-token-submitted" in refused.octets) == (423, True)
    again = ask(house, "LOCK", f"{folder}/a", info)
    assert (again.status, b"no-conflicting-lock" in again.octets) == (423, True)
    tagged = f"<{url(house, folder.removeprefix('/drive/'))}/a> ({token})"
    assert ask(house, "PUT", f"{folder}/a", b"new", If=tagged).status == 204
    assert ask(house, "UNLOCK", f"{folder}/a", Lock_Token=token).status == 204


def test_a_dead_property_is_given_back_as_it_was_or_refused_with_all_others(house, folder):
    change = b'<propertyupdate xmlns="DAV:" xmlns:u="urn:x"><set><prop><u:p><u:q>a,b</u:q></u:p>%s</prop></set>'
    ends = b"</propertyupdate>"
    refused = ask(house, "PROPPATCH", folder, change % b"<getetag>1</getetag>" + ends)
    assert (b"403 Forbidden" in refused.octets, b"424 Failed" in refused.octets) == (True, True)
    wanted = b'<propfind xmlns="DAV:"><prop><p xmlns="urn:x"/></prop></propfind>'
    assert b"404 Not Found" in ask(house, "PROPFIND", folder, wanted, Depth="0").octets
    assert b"200 OK" in ask(house, "PROPPATCH", folder, change % b"" + ends).octets
    listed = ElementTree.fromstring(ask(house, "PROPFIND", folder, wanted, Depth="0").octets)
    assert [each.text for each in listed.iter("{urn:x}q")] == ["a,b"]


def test_an_administrator_brings_back_what_was_deleted(house, folder):
    ask(house, "PUT", f"{folder}/a", b"mine")
    assert ask(house, "DELETE", f"{folder}/a").status == 204
    inside = f"{folder}/a".removeprefix("/drive")
    (kept,) = [each for each in json.loads(house.odmail("drive", "trash", SASMITA, "--json")) if each["path"] == inside]
    assert inside in house.odmail("drive", "restore", SASMITA, kept["id"])
    assert ask(house, "GET", f"{folder}/a").octets == b"mine"
    ask(house, "PUT", f"{folder}/a", b"another")
    (former,) = json.loads(house.odmail("drive", "versions", SASMITA, inside, "--json"))
    house.odmail("drive", "restore", SASMITA, former["id"])
    assert ask(house, "GET", f"{folder}/a").octets == b"mine"


def test_the_page_brings_back_and_lets_go(house, folder):
    for octets in (b"one", b"two"):
        ask(house, "PUT", f"{folder}/a", octets)
    ask(house, "PUT", f"{folder}/b", b"three")
    ask(house, "DELETE", f"{folder}/b")
    browser = Browser(house)
    browser.sign_in(SASMITA, house.people[SASMITA].password)
    for name, octets in (("a", b"one"), ("b", b"three")):
        inside = f"{folder}/{name}".removeprefix("/drive")
        browser.get("/me/drive")
        (number,) = re.findall(rf'value="(\w+)" aria-label="Bring back {inside} ', browser.text)
        assert browser.send("/me/drive/restore", {"id": number}) == 200
        assert "is back" in browser.text
        assert ask(house, "GET", f"{folder}/{name}").octets == octets
    assert browser.send("/me/drive/restore", {"id": "d999"}) == 200
    assert "no longer kept" in browser.text
    ask(house, "PUT", f"{folder}/c", b"four")
    ask(house, "DELETE", f"{folder}/c")
    browser.get("/me/drive")
    (number,) = re.findall(
        rf'Delete {folder.removeprefix("/drive")}/c of .*?value="(\w+)">Yes, delete', browser.text, re.S
    )
    for said in ("is deleted for good", "no longer kept"):
        assert browser.send("/me/drive/forget", {"id": number}) == 200
        assert said in browser.text
    (former, *_) = json.loads(house.odmail("drive", "versions", SASMITA, "--json"))
    with pytest.raises(AssertionError, match="Aborted"):  # it asks, and nobody answers
        house.odmail("drive", "forget", SASMITA, former["id"])
    assert former["path"] in house.odmail("drive", "forget", SASMITA, former["id"], "--yes")
    for what in ("trash", "versions"):
        assert browser.send("/me/drive/forget", {"what": what}) == 200
    assert json.loads(house.odmail("drive", "trash", SASMITA, "--json")) == []
    assert json.loads(house.odmail("drive", "versions", SASMITA, "--json")) == []
    assert browser.send("/me/drive/forget", {"of": "0192b1aa-0000-7000-8000-000000000001", "what": "trash"}) == 404


def test_a_hundred_stalled_uploads_and_downloads_leave_room_for_others(house, folder):
    assert ask(house, "PUT", f"{folder}/large", b"x" * 8_000_000).status == 201
    with contextlib.ExitStack() as held:
        for number in range(100):
            held.enter_context(begun(house, f"{folder}/{number}", 1_000_000)).sendall(b"x")
            held.enter_context(begun(house, f"{folder}/large", 0, method="GET"))
        until(lambda: ask(house, "GET", f"{folder}/large").status == 503, "all places of one person are taken")
        assert ask(house, "PUT", f"{folder}/more", b"x").status == 503
        assert ask(house, "PROPFIND", folder, Depth="1").status == 207
        assert ask(house, "PUT", "/drive/others", b"x", who=BIBHUTI).status in (201, 204)
        assert ask(house, "GET", "/drive/others", who=BIBHUTI).octets == b"x"
    until(lambda: ask(house, "PUT", f"{folder}/more", b"x").status in (201, 204), "their places are free again")


def test_a_large_file_goes_up_and_down_in_little_memory(house, folder):
    size, pattern = 256 << 20, os.urandom(1 << 20)
    worker = Path(f"/proc/{house.pid('web-1')}")
    (worker / "clear_refs").write_text("5")  # what it once had does not count
    before = most_memory(worker)
    assert ask(house, "PUT", f"{folder}/large", Repeated(pattern, size), Content_Length=str(size)).status == 201
    given = ["--cacert", str(house.authority), "-u", f"{SASMITA}:{house.people[SASMITA].password}"]
    path = url(house, f"{folder.removeprefix('/drive/')}/large")
    with subprocess.Popen(["curl", "-sS", *given, path], stdout=subprocess.PIPE) as curl:
        pieces = iter(lambda: curl.stdout.read(len(pattern)), b"")
        assert sum(each == pattern for each in pieces) == size // len(pattern)
    assert most_memory(worker) - before < 32 << 10


class Repeated(io.RawIOBase):
    """A body of some octets over and over."""

    def __init__(self, pattern: bytes, size: int) -> None:
        self.pattern, self.left = pattern, size

    def read(self, _size: int = -1) -> bytes:
        part = self.pattern[: self.left]
        self.left -= len(part)
        return part


def most_memory(process: Path) -> int:
    """KiB it has had in memory."""
    return int(re.search(r"VmHWM:\s+(\d+)", (process / "status").read_text())[1])


def test_a_killed_worker_leaves_the_old_content():
    """P3"""
    with running() as house:
        assert ask(house, "PUT", "/drive/a", b"old").status == 201
        with contextlib.closing(begun(house, "/drive/a", 9_000_000)) as upload:
            upload.sendall(b"x" * 1_500_000)
            until(lambda: not idle(house), "the upload is being written")
            house.kill("web-1")
        assert ask(house, "GET", "/drive/a").octets == b"old"
        assert ask(house, "PUT", "/drive/a", b"new").status == 204
        os.kill(house.pid("web-1"), signal.SIGKILL)
        until(lambda: house.health()["status"] == "ok" and house.pid("web-1"), "web-1 is back")
        assert ask(house, "GET", "/drive/a").octets == b"new"
        assert "the files of 1 accounts keep every invariant" in house.odmail("doctor", "--octets")


def test_the_quota_is_kept_by_uploads_at_the_same_time():
    """A61: refused with 507, and nothing of what was refused stays."""
    with running(**{"drive.quota": 100_000}) as house:
        statuses: list[int] = []

        def upload(number: int) -> None:
            statuses.append(ask(house, "PUT", f"/drive/{number}", b"x" * 30_000).status)

        threads = [threading.Thread(target=upload, args=(number,)) for number in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(statuses), statuses.count(201)) == (10, 3)
        assert set(statuses) <= {201, 507, 503}
        assert len(ask(house, "PROPFIND", "/drive/", Depth="1").hrefs()) in (4, 5)
        for size in (30_000, 12_000_000):  # the client sends all of it before it reads
            refused = ask(house, "PUT", "/drive/more", b"x" * size)
            assert (refused.status, b"quota-not-exceeded" in refused.octets) == (507, True)
        assert idle(house)
