"""Folders that are shared, files that go from one drive to another, a post's files at a handover: over TLS."""

import http.client
import json
import os
import re
from base64 import b64encode
from time import monotonic

import pytest

from odtest.browser import Browser
from odtest.daemon import Daemon, running, until
from odtest.files import BIBHUTI, SASMITA, ask, fresh

ANJALI = "anjali.mohanty@odisha.example"
LOCK = b'<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>'
SHARED = "/drive/Shared/sasmita.nayak"


@pytest.fixture
def folder(house: Daemon) -> str:
    """With a folder in it that Bibhuti may be let into, and a file beside that."""
    path = fresh(house)
    assert ask(house, "MKCOL", f"{path}/in").status == 201
    assert ask(house, "PUT", f"{path}/in/a", b"old").status == 201
    assert ask(house, "PUT", f"{path}/secret", b"mine").status == 201
    return path


def share(house: Daemon, path: str, right: str, whom: str = "bibhuti.das", owner: str = "sasmita.nayak") -> str:
    """Where they find it."""
    house.odmail("drive", "share", "add", owner, path.removeprefix("/drive"), whom, right)
    return path.replace("/drive", f"/drive/Shared/{owner}")


def statuses(house: Daemon, *requests: tuple[str, str], who: str = BIBHUTI) -> set[int]:
    depth = {"PROPFIND": {"Depth": "0"}}
    body = {"PUT": b"x"}
    return {
        ask(house, method, path, body.get(method), who=who, **depth.get(method, {})).status for method, path in requests
    }


def test_a_reader_reads_what_is_in_the_folder_and_nothing_else(house, folder):
    there = share(house, f"{folder}/in", "read")
    assert f"{there}/a" in ask(house, "PROPFIND", there, who=BIBHUTI, Depth="1").hrefs()
    assert ask(house, "GET", f"{there}/a", who=BIBHUTI).octets == b"old"
    way = there.removesuffix("/in")
    assert ask(house, "PROPFIND", way, who=BIBHUTI, Depth="1").hrefs() == [f"{way}/", f"{there}/"]
    assert statuses(house, ("GET", f"{way}/secret"), ("PROPFIND", f"{there}/nothing")) == {404}
    refused = [("PUT", f"{there}/a"), ("PUT", f"{there}/b"), ("MKCOL", f"{there}/c"), ("DELETE", f"{there}/a")]
    refused += [("DELETE", there), ("DELETE", SHARED)]
    assert statuses(house, *refused) == {403}
    assert statuses(house, ("PUT", f"{way}/b"), ("MKCOL", f"{SHARED}/c")) == {404}
    assert ask(house, "LOCK", f"{there}/a", LOCK, who=BIBHUTI).status == 403
    assert ask(house, "MOVE", f"{there}/a", who=BIBHUTI, Destination=f"/drive/{os.urandom(6).hex()}").status == 403
    assert statuses(house, ("GET", f"{there}/a"), who=ANJALI) == {404}


def test_a_writer_writes_in_the_folder_and_cannot_take_it_away(house, folder):
    there = share(house, f"{folder}/in", "write")
    assert statuses(house, ("PUT", f"{there}/a")) == {204}
    assert statuses(house, ("PUT", f"{there}/b"), ("MKCOL", f"{there}/c")) == {201}
    assert ask(house, "MOVE", f"{there}/b", who=BIBHUTI, Destination=f"{there}/c/b").status == 201
    assert ask(house, "GET", f"{folder}/in/c/b").octets == b"x"
    assert statuses(house, ("DELETE", there)) == {403}
    assert ask(house, "MOVE", there, who=BIBHUTI, Destination=f"{there}-elsewhere").status == 403
    assert statuses(house, ("DELETE", f"{there}/c")) == {204}
    assert ask(house, "GET", f"{folder}/in/c/b").status == 404


def test_whoever_is_let_in_by_a_post_or_a_group_finds_it_and_is_out_once_it_is_taken_back(house, folder):
    for whom in ("collector.puri", "group:all.collectors", "anyone"):
        there = share(house, f"{folder}/in", "read", whom)
        assert ask(house, "GET", f"{there}/a", who=BIBHUTI).octets == b"old"
        assert "sasmita.nayak" in house.odmail("drive", "share", "of", "bibhuti.das")
        house.odmail("drive", "share", "remove", "sasmita.nayak", f"{folder}/in".removeprefix("/drive"), whom)
        assert ask(house, "GET", f"{there}/a", who=BIBHUTI).status == 404
    assert folder.removeprefix("/drive") not in house.odmail("drive", "share", "list", "sasmita.nayak")


def test_the_page_shares_shows_and_ends(house, folder):
    inside = f"{folder}/in".removeprefix("/drive")
    mine, theirs = sharing(house, "sasmita.nayak@odisha.example"), sharing(house, BIBHUTI)
    assert inside not in mine.text + theirs.text
    assert "Contacts (address book)" in mine.text
    there = f"{folder}/in/a".replace("/drive", SHARED)
    given = {"what": inside, "who": "bibhuti.das", "right": "read"}
    assert mine.send("/me/sharing/folder", given) == 200
    assert mine.send("/me/sharing/collection", given | {"what": "calendar", "right": "free-busy"}) == 200
    assert inside in mine.text
    assert "End the sharing of Calendar (calendar) with bibhuti.das@odisha.example" in mine.text
    assert ask(house, "GET", there, who=BIBHUTI).octets == b"old"
    theirs.get("/me/sharing")
    assert inside in theirs.text
    assert "see when it is busy" in theirs.text.partition("shared with me")[2]
    assert "folder-shared" in house.odmail("audit", "list", "--event", "folder-shared")
    subject = re.findall(rf'name="what" value="{inside}"><button[^>]* name="who" value="([^"]+)"', mine.text)
    ended = {"area": "folder", "what": inside, "who": subject}
    assert theirs.send("/me/sharing/end", ended) == 400  # nothing of theirs
    assert ask(house, "GET", there, who=BIBHUTI).status == 200
    assert mine.send("/me/sharing/end", ended) == 200
    assert ask(house, "GET", there, who=BIBHUTI).status == 404
    assert mine.send("/me/sharing/end", ended | {"area": "collection", "what": "calendar"}) == 200
    assert "Calendar (calendar) with" not in mine.text
    assert mine.send("/me/sharing/end", ended) == 200
    assert "no longer shared" in mine.text


def test_what_a_holder_shares_by_the_page_is_marked_as_ended_after_the_handover(house):
    house.odmail("post", "add", "shared.post", "--title", "Shared post", "--office", "khordha")
    house.odmail("post", "handover", "shared.post", "--to", "bibhuti.das", "--order", "GA-7")
    post = json.loads(house.odmail("post", "show", "shared.post", "--json"))["id"]
    holder, arjun = sharing(house, BIBHUTI), "arjun.majhi@odisha.example"
    given = {"of": post, "what": "calendar", "who": arjun, "right": "write"}
    assert holder.send("/me/sharing/collection", given) == 200
    theirs = sharing(house, arjun)
    assert "Shared post: Calendar" in theirs.text
    house.odmail("post", "handover", "shared.post", "--to", "sasmita.nayak", "--order", "GA-8")
    until(lambda: theirs.get("/me/sharing") and "Nobody shares" in theirs.text, "it ends with the charge")
    successor = sharing(house, "sasmita.nayak@odisha.example")
    assert successor.get(f"/me/sharing?of={post}") == 200
    assert "ended with the handover" in successor.text
    assert holder.get(f"/me/sharing?of={post}") == 404


def test_the_page_says_that_there_is_nothing_yet(house):
    told = sharing(house, "arjun.majhi@odisha.example").text
    assert "Nothing is shared yet" in told
    assert "Nobody shares anything" in told


def test_the_page_says_what_it_cannot_share(house, folder):
    browser, inside = sharing(house, "sasmita.nayak@odisha.example"), f"{folder}/in".removeprefix("/drive")
    post = json.loads(house.odmail("post", "show", "collector.puri", "--json"))["id"]
    given = {"what": inside, "who": "bibhuti.das", "right": "read"}
    for wrong, said in (
        ({"what": f"{inside}/a"}, "no such folder"),
        ({"what": "a/../b"}, "no such folder"),
        ({"what": "/"}, "Tick it to say so"),
        ({"who": "nobody.at.all"}, "Nobody has this name"),
        ({"who": "sasmita.nayak"}, "has all rights already"),
        ({"who": ""}, "required"),
        ({"everybody": "on"}, "Either name somebody"),
    ):
        assert browser.send("/me/sharing/folder", given | wrong) == 400
        assert said in browser.text
    busy = given | {"what": "contacts", "right": "free-busy"}
    assert browser.send("/me/sharing/collection", busy) == 400
    assert "Only calendars" in browser.text
    assert browser.send("/me/sharing/folder", given | {"of": post}) == 404  # Bibhuti's
    assert inside not in house.odmail("drive", "share", "list", "sasmita.nayak")


def sharing(house: Daemon, login: str) -> Browser:
    browser = Browser(house)
    browser.sign_in(login, house.people[login].password)
    browser.get("/me/sharing")
    return browser


def test_a_grant_follows_its_folder(house, folder):
    there = share(house, f"{folder}/in", "read")
    assert ask(house, "MOVE", f"{folder}/in", Destination=f"{folder}/moved").status == 201
    assert statuses(house, ("GET", f"{there}/a")) == {404}
    assert ask(house, "GET", f"{there.removesuffix('in')}moved/a", who=BIBHUTI).octets == b"old"


def test_a_lock_is_seen_by_all_who_see_the_file(house, folder):
    there = share(house, f"{folder}/in", "write")
    token = ask(house, "LOCK", f"{there}/a", LOCK, who=BIBHUTI).headers["Lock-Token"]
    assert ask(house, "PUT", f"{folder}/in/a", b"new").status == 423
    assert ask(house, "PUT", f"{folder}/in/a", b"new", If=f"({token})").status == 412  # it is not theirs
    assert ask(house, "PUT", f"{there}/a", b"new", who=BIBHUTI, If=f"({token})").status == 204
    assert ask(house, "UNLOCK", f"{there}/a", who=BIBHUTI, Lock_Token=token).status == 204
    assert ask(house, "PUT", f"{folder}/in/a", b"newer").status == 204


def test_what_is_copied_or_moved_from_drive_to_drive_arrives_with_all_that_is_in_it(house, folder):
    post, *_ = ask(house, "PROPFIND", "/drive/Posts/", Depth="1").hrefs()[1:]
    copy, moved = (f"{post}{os.urandom(6).hex()}" for _ in range(2))
    note = b'<propertyupdate xmlns="DAV:"><set><prop><n xmlns="urn:x">noted</n></prop></set></propertyupdate>'
    assert ask(house, "PROPPATCH", f"{folder}/in/a", note).status == 207
    assert ask(house, "COPY", f"{folder}/in", Destination=copy).status == 201
    assert ask(house, "COPY", f"{folder}/in", Destination=copy, Overwrite="F").status == 412
    assert ask(house, "MOVE", f"{folder}/in", Destination=moved).status == 201
    asked = b'<propfind xmlns="DAV:"><prop><n xmlns="urn:x"/></prop></propfind>'
    for path in (copy, moved):
        assert ask(house, "GET", f"{path}/a").octets == b"old"
        assert b"noted" in ask(house, "PROPFIND", f"{path}/a", asked, Depth="0").octets
    assert ask(house, "GET", f"{folder}/in/a").status == 404
    assert ask(house, "MOVE", moved, Destination=f"{folder}/in").status == 201
    assert ask(house, "GET", f"{folder}/in/a").octets == b"old"
    assert "drives" not in [line.split()[1] for line in house.odmail("doctor").splitlines() if line.startswith("BAD")]


def test_what_is_shared_to_be_read_may_be_copied_into_ones_own_files(house, folder):
    there = share(house, f"{folder}/in", "read")
    target = f"/drive/{os.urandom(6).hex()}"
    assert ask(house, "COPY", f"{there}/", who=BIBHUTI, Destination=f"{target}/").status == 201
    assert ask(house, "GET", f"{target}/a", who=BIBHUTI).octets == b"old"
    assert ask(house, "COPY", target, who=BIBHUTI, Destination=f"{there}/b").status == 403


@pytest.mark.parametrize("name", ["Shared", "shared", "Posts", "POSTS"])
def test_no_file_hides_what_is_shared_or_a_posts(house, folder, name):
    assert statuses(house, ("PUT", f"/drive/{name}"), ("MKCOL", f"/drive/{name}"), who=ANJALI) <= {403, 404, 405}
    assert ask(house, "MOVE", folder, Destination=f"/drive/{name}").status in (403, 404)


HALF = 100_000


def begin(house, method: str, path: str) -> http.client.HTTPSConnection:
    """A request of the post's holder whose body, of two halves, is still to come."""
    connection = http.client.HTTPSConnection("localhost", house.ports["https"], context=house.tls(), timeout=20)
    connection.putrequest(method, path)
    basic = b64encode(f"{SASMITA}:{house.people[SASMITA].password}".encode()).decode()
    connection.putheader("Authorization", f"Basic {basic}")
    if method == "PUT":
        connection.putheader("Content-Length", str(2 * HALF))
    connection.endheaders()
    return connection


def test_a_posts_files_and_what_it_shares_change_hands_within_five_seconds():
    """A handover; what the former holder gave away ends with it, unless it was to stand."""
    with running() as house:
        post = "/drive/Posts/collector.khordha"
        for name in ("given", "standing"):
            assert ask(house, "MKCOL", f"{post}/{name}").status == 201
        share(house, "/drive/given", "read", "anjali.mohanty", "collector.khordha")
        give = ("drive", "share", "add", "collector.khordha", "/standing", "anjali.mohanty", "read", "--standing")
        house.odmail(*give)
        shared = "/drive/Shared/collector.khordha"
        assert ask(house, "PROPFIND", f"{shared}/given", who=ANJALI, Depth="0").status == 207
        assert ask(house, "PUT", f"{post}/order", b"by order").status == 201
        assert ask(house, "PUT", f"{post}/large", bytes(32 << 20)).status == 201
        upload, download, begun = begin(house, "PUT", f"{post}/late"), begin(house, "GET", f"{post}/large"), monotonic()
        upload.send(b"x" * HALF)
        reading = download.getresponse()
        assert reading.read(1000) == bytes(1000)
        house.odmail("post", "handover", "collector.khordha", "--to", "bibhuti.das", "--order", "GA-7")
        until(lambda: ask(house, "GET", f"{post}/order").status == 404, "the predecessor is out", 5)
        until(lambda: ask(house, "GET", f"{post}/order", who=BIBHUTI).octets == b"by order", "the successor is in", 5)
        until(lambda: statuses(house, ("PROPFIND", f"{shared}/given"), who=ANJALI) == {404}, "the grant is over", 5)
        assert ask(house, "PROPFIND", f"{shared}/standing", who=ANJALI, Depth="0").status == 207
        until(lambda: monotonic() - begun > 2.5, "long transfers look again")
        upload.send(b"x" * HALF)
        assert upload.getresponse().status == 404
        assert ask(house, "GET", f"{post}/late", who=BIBHUTI).status == 404
        with pytest.raises((http.client.IncompleteRead, OSError)):
            reading.read()


def test_the_directory_says_how_much_somebody_may_keep():
    with running() as house:
        house.odmail("person", "edit", "bibhuti.das", "--quota", "100 KiB")
        wanted = b'<propfind xmlns="DAV:"><prop><quota-available-bytes/></prop></propfind>'
        asked = ask(house, "PROPFIND", "/drive/", wanted, who=BIBHUTI, Depth="0").octets
        assert b">102400<" in asked
        assert ask(house, "PUT", "/drive/a", b"x" * 60_000, who=BIBHUTI).status == 201
        (post,) = ask(house, "PROPFIND", "/drive/Posts/", who=BIBHUTI, Depth="1").hrefs()[1:]
        assert ask(house, "PUT", f"{post}a", b"x" * 60_000, who=BIBHUTI).status == 201
        assert ask(house, "COPY", f"{post}a", who=BIBHUTI, Destination="/drive/b").status == 507
        assert ask(house, "PUT", "/drive/c", b"x" * 40_000, who=BIBHUTI).status == 201


def test_a_posts_files_are_with_whoever_holds_it(house):
    post = ask(house, "PROPFIND", "/drive/Posts/", Depth="1").hrefs()[1]
    assert ask(house, "PUT", f"{post}order.txt", b"by order").status == 201
    assert ask(house, "GET", f"{post}order.txt").octets == b"by order"
    assert ask(house, "GET", f"{post}order.txt", who=BIBHUTI).status == 404
    assert ask(house, "PUT", "/drive/Posts/nobody/x", b"x").status in (404, 409)
    assert ask(house, "PUT", "/drive/Posts/x", b"x").status in (403, 404, 409)
    assert ask(house, "DELETE", "/drive/Posts").status == 403
    assert ask(house, "DELETE", f"{post}order.txt").status == 204
