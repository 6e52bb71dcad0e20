"""The drive with file managers and mounts: gvfs and davfs2 themselves, Windows and macOS as they are known to ask."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from odtest.clients import run, secret
from odtest.daemon import Daemon
from odtest.files import SASMITA, ask, fresh, url

LOCK = (
    b'<?xml version="1.0" encoding="utf-8" ?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>'
    b"<D:locktype><D:write/></D:locktype><D:owner><D:href>PC-17\\sasmita</D:href></D:owner></D:lockinfo>"
)
WIN32 = (
    b'<?xml version="1.0" encoding="utf-8" ?><D:propertyupdate xmlns:D="DAV:" xmlns:Z="urn:schemas-microsoft-com:">'
    b"<D:set><D:prop><Z:Win32CreationTime>Mon, 02 Mar 2026 10:00:00 GMT</Z:Win32CreationTime>"
    b"<Z:Win32LastModifiedTime>Mon, 02 Mar 2026 10:00:00 GMT</Z:Win32LastModifiedTime>"
    b"<Z:Win32FileAttributes>00000020</Z:Win32FileAttributes></D:prop></D:set></D:propertyupdate>"
)
WINDOWS = {"User_Agent": "Microsoft-WebDAV-MiniRedir/10.0.22631", "Translate": "f"}
FINDER = {"User_Agent": "WebDAVFS/3.0.0 (03008000) Darwin/23.4.0 (arm64)"}


@pytest.fixture
def folder(house: Daemon) -> str:
    return fresh(house)


def test_windows_finds_its_way_from_the_top_to_the_drive(house):
    for path in ("/", "/drive", "/drive/"):
        said = ask(house, "OPTIONS", path, **WINDOWS)
        assert (said.status, said.headers["DAV"], said.headers["MS-Author-Via"]) == (200, "1, 2", "DAV")
        assert ask(house, "PROPFIND", path, **WINDOWS, Depth="0").status == 207
    assert ask(house, "PROPFIND", "/", Depth="1").hrefs() == ["/", "/drive/"]
    assert ask(house, "PROPFIND", "/", Depth="infinity").status == 403
    for method in ("PUT", "MKCOL", "DELETE", "LOCK"):
        assert 400 <= ask(house, method, "/", b"").status < 500


def test_windows_saves_a_file(house, folder):
    """An empty file first, a lock, properties, then the content; and later it is not told a date of before."""
    path = f"{folder}/Order 17.docx".replace(" ", "%20")
    assert ask(house, "PROPFIND", path, **WINDOWS, Depth="0").status == 404
    assert ask(house, "PUT", path, b"", **WINDOWS).status == 201
    locked = ask(house, "LOCK", path, LOCK, **WINDOWS, Timeout="Second-3600")
    assert locked.status == 200
    token = locked.headers["Lock-Token"]
    assert b"200 OK" in ask(house, "PROPPATCH", path, WIN32, **WINDOWS, If=f"({token})").octets
    assert ask(house, "HEAD", path, **WINDOWS).status == 200
    assert ask(house, "PUT", path, b"content", **WINDOWS, If=f"({token})").status == 204
    assert b"200 OK" in ask(house, "PROPPATCH", path, WIN32, **WINDOWS, If=f"({token})").octets
    assert ask(house, "UNLOCK", path, **WINDOWS, Lock_Token=token).status == 204
    listed = ElementTree.fromstring(ask(house, "PROPFIND", folder, **WINDOWS, Depth="1").octets)
    names = {each.tag.rpartition("}")[2] for each in listed.iter() if "microsoft" in each.tag}
    assert names == {"Win32CreationTime", "Win32LastModifiedTime", "Win32FileAttributes"}
    assert ask(house, "PUT", path, b"changed elsewhere").status == 204
    assert b"Win32LastModifiedTime" not in ask(house, "PROPFIND", path, **WINDOWS, Depth="0").octets


def test_finder_saves_a_file_and_its_notes(house, folder):
    """An empty one, a lock, then chunks without a length in the usual place; beside it what macOS keeps of its own."""
    for name in ("Letter.pages", "._Letter.pages", ".DS_Store"):
        path = f"{folder}/{name}"
        assert ask(house, "PUT", path, b"", **FINDER).status == 201
        locked = ask(house, "LOCK", path, LOCK, **FINDER, Timeout="Second-600")
        token = locked.headers["Lock-Token"]
        chunks = [b"a" * 1000, b"b" * 500]
        given = {"X_Expected_Entity_Length": "1500", "If": f"({token})"}
        assert ask(house, "PUT", path, chunks, **FINDER, **given).status == 204
        assert ask(house, "UNLOCK", path, **FINDER, Lock_Token=token).status == 204
        assert ask(house, "GET", path, **FINDER).octets == b"".join(chunks)
    listed = ask(house, "PROPFIND", folder, **FINDER, Depth="1")
    assert b"location" not in listed.octets
    assert len(listed.hrefs()) == 4


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that other users may look into: davfs2 works as one of its own."""
    with tempfile.TemporaryDirectory(prefix="od") as name:
        os.chmod(name, 0o755)
        yield Path(name)


def test_a_mount_by_davfs2_keeps_what_is_written_to_it(house, folder, open_place):
    """In the mount namespace of a process of its own: nothing of it stays on the machine."""
    if os.geteuid() or subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        pytest.skip("only root may mount here")
    point, address = open_place / "mounted", url(house, folder.removeprefix("/drive/")) + "/"
    point.mkdir()
    authority = shutil.copy(house.authority, open_place / "ca.pem")
    secrets = secret(open_place / "secrets", f"{address} {SASMITA} {house.people[SASMITA].password}\n")
    settings = ("ask_auth 0", f"trust_ca_cert {authority}", f"secrets {secrets}", "use_locks 1", "delay_upload 0")
    secret(open_place / "conf", "\n".join((*settings, "buf_size 64", "")))
    work = (
        f"mount -t davfs -o conf={open_place}/conf {address} {point}",
        f"cd {point}",
        "mkdir ଫୋଲ୍ଡର",
        "head -c 3000000 /dev/zero > 'ଫୋଲ୍ଡର/large one'",
        "echo first > a",
        "echo second >> a",
        "mv a b",
        "cp b ଫୋଲ୍ଡର/copy",
        "rm ଫୋଲ୍ଡର/copy",
        "cat b 'ଫୋଲ୍ଡର/large one' | wc -c",
        "find . -type f | sort",
        "cd /",
        f"umount {point}",
    )
    said = run("unshare", "-m", "sh", "-ec", "\n".join(work), home=open_place)
    assert "3000013\n./b\n./ଫୋଲ୍ଡର/large one\n" in said
    assert ask(house, "GET", f"{folder}/b").octets == b"first\nsecond\n"
    inside = f"{folder}/{quote('ଫୋଲ୍ଡର')}"
    assert ask(house, "PROPFIND", inside, Depth="1").hrefs() == [f"{inside}/", f"{inside}/large%20one"]
    assert ask(house, "GET", f"{inside}/large%20one").octets == bytes(3_000_000)


def test_gnome_copies_renames_and_deletes(house, folder, tmp_path):
    """gvfs by `gio`, on a message bus of its own."""
    (tmp_path / "letter").write_bytes(b"Dear Collector\n")
    place = url(house, folder.removeprefix("/drive/")).replace("https://", f"davs://{SASMITA.replace('@', '%40')}@")
    answers = f"1\n{house.people[SASMITA].password}\n"  # yes to the authority, which is the demonstration's
    work = [
        f"gio mount {place}",
        f"gio copy {tmp_path}/letter {place}/letter",
        f"gio mkdir {place}/in",
        f"gio move {place}/letter {place}/in/moved",
        f"gio rename {place}/in/moved renamed",
        f"gio cat {place}/in/renamed",
        f"gio list -l {place}/in",
        f"gio copy {place}/in/renamed {place}/copied",
        f"gio remove {place}/copied",
    ]
    said = run("dbus-run-session", "--", "sh", "-ec", "\n".join(work), home=tmp_path, text=answers)
    assert "Dear Collector" in said
    assert re.search(r"renamed\t15\t\(regular\)", said)
    assert ask(house, "PROPFIND", folder, Depth="1").hrefs() == [f"{folder}/", f"{folder}/in/"]
