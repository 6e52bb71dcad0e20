"""Subscribed calendars come from hosts that are allowed and from nowhere else, and show what is there now."""

from pathlib import Path

import pytest

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.net.outside import Outside
from odcore.net.tls import client_context
from oddav.feeds import fetch
from oddav.feeds.copies import Copies
from oddav.feeds.fetch import Fetched, Web
from oddav.feeds.follower import Follower
from oddav.feeds.settings import SubscriptionSettings
from oddav.feeds.subscribing import Subscribing, Subscription, titled
from oddav.scheduling.pending import Pending
from oddav.store.first import first
from oddav.store.ops import feeds
from odtest.calendars import Office
from odtest.https_server import HttpsServer, Quiet

EVENT = (
    "BEGIN:VEVENT\r\nUID:{0}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260105T100000Z\r\nSUMMARY:{0}\r\nEND:VEVENT\r\n"
)


def calendar(*names):
    return ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + "".join(map(EVENT.format, names)) + "END:VCALENDAR\r\n").encode()


class Server(HttpsServer):
    """A web server on loopback, as feed.example; `pages` by path: status, headers, body."""

    def __init__(self, folder):
        self.pages, self.asked = {}, []
        server = self

        class Handler(Quiet):
            def do_GET(self):
                server.asked.append((self.path, dict(self.headers)))
                status, headers, body = server.pages[self.path]
                if headers.get("ETag") and self.headers["If-None-Match"] == headers["ETag"]:
                    status, body = 304, b""
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        super().__init__(folder, "feed.example", Handler)

    def url(self, path="/a.ics"):
        return f"https://{self.place}{path}"

    def web(self, networks=("127.0.0.0/8",), addresses=("127.0.0.1",)):
        self.resolved = []

        def resolve(host):
            self.resolved.append(host)
            return addresses

        return Web(Outside(resolve, (self.place,), networks, client_context(self.authority)), seconds=5.0)


@pytest.fixture
def server(tmp_path):
    one = Server(tmp_path / "tls")
    yield one
    one.close()


@pytest.fixture
def office(tmp_path):
    one = Office(tmp_path)
    yield one
    one.close()


def follower_of(office, server):
    folder = office.store._folder
    return Follower(office.store, server.web(), Pending(folder / "subscribers"), folder / "subscribed")


def subscribing_of(office, server):
    return Subscribing(SubscriptionSettings((server.place,)), Pending(office.store._folder / "subscribers"))


def refused(server, url=None, web=None):
    with pytest.raises(Fault) as caught:
        (web or server.web()).get(url or server.url(), Fetched(None))
    return caught.value


def test_a_subscribed_calendar_shows_what_is_there_and_is_fetched_again_only_if_it_changed(server, office, monkeypatch):
    server.pages["/a.ics"] = (200, {"ETag": '"1"'}, calendar("one", "two"))
    follower = follower_of(office, server)
    home = office.store.open(office.ids["anna"], first("en"))
    wanted = Subscription(server.url().replace("https:", "webcal:"), titled("Matches"))
    name = subscribing_of(office, server).subscribe(home, wanted)

    def shown():
        with home.view() as view:
            return sorted(each.uid for each in view.items(view.collection(name)))

    def visit():
        now = clock.timestamp() + 86400 * len(server.asked)
        monkeypatch.setattr(clock, "timestamp", lambda: now)
        assert follower.follow(home.id)

    visit()
    assert shown() == ["one", "two"]
    visit()
    assert server.asked[-1][1]["If-None-Match"] == '"1"'
    server.pages["/a.ics"] = (200, {"ETag": '"2"'}, calendar("two", "three"))
    visit()
    assert shown() == ["three", "two"]
    for answer in ((500, {}, b""), (200, {}, b"<html>"), (200, {"Content-Length": "999"}, calendar("x"))):
        server.pages["/a.ics"] = answer
        visit()
        assert shown() == ["three", "two"]
        assert home.read(feeds.feeds)[0].said
    assert home.read(feeds.feeds)[0].tries == 3
    body = (
        '<D:propfind xmlns:D="DAV:"><D:prop><S:source xmlns:S="http://calendarserver.org/ns/"/></D:prop></D:propfind>'
    )
    told = office.ask("anna", "PROPFIND", f"{name}/", body, depth="0", content_type="text/xml")
    assert server.url() in told.octets.decode()
    assert office.ask("anna", "PUT", f"{name}/x.ics", calendar("x")).status == 403
    assert office.ask("anna", "DELETE", f"{name}/").status == 204
    assert not follower.follow(home.id)


def test_all_who_subscribed_to_one_address_are_served_by_one_fetch(server, office):
    server.pages["/a.ics"] = (200, {}, calendar("one"))
    server.pages["/b.ics"] = (500, {}, b"")
    follower = follower_of(office, server)
    for who in ("anna", "bibhuti", "chitra"):
        home = office.store.open(office.ids[who], first("en"))
        for path in ("/a.ics", "/b.ics"):
            subscribing_of(office, server).subscribe(home, Subscription(server.url(path)))
        assert follower.follow(home.id)
        fine, bad = home.read(feeds.feeds)
        with home.view() as view:
            assert [each.uid for each in view.items(view.collection(fine.name))] == ["one"]
        assert (fine.said, bool(bad.said)) == ("", True)
    assert [path for path, _ in server.asked] == ["/a.ics", "/b.ics"]


def test_apples_calendar_subscribes_by_mkcol_and_hears_why_it_may_not(office):
    def make(name, source, more=""):
        space = 'xmlns:D="DAV:" xmlns:CS="http://calendarserver.org/ns/"'
        body = (
            f"<D:mkcol {space}><D:set><D:prop><D:resourcetype><D:collection/><CS:subscribed/></D:resourcetype>"
            f"<D:displayname>Matches</D:displayname><CS:source><D:href>{source}</D:href></CS:source>{more}"
            "</D:prop></D:set></D:mkcol>"
        )
        return office.ask("anna", "MKCOL", name, body, content_type="text/xml")

    assert make("m/", "webcal://feed.example/a.ics", "<CS:refreshrate>P1D</CS:refreshrate>").status == 201
    assert make("m/", "webcal://feed.example/a.ics").status == 405
    for source in ("https://other.example/a.ics", "https://127.0.0.1/", "file:///etc/passwd", ""):
        told = make("n/", source)
        assert (told.status, b"valid-resourcetype" in told.octets) == (403, True)
    home = office.store.open(office.ids["anna"], ())
    assert [(each.name, each.source) for each in home.read(feeds.feeds)] == [("m", "https://feed.example/a.ics")]
    assert [event for event, *_ in office.trail] == ["calendar-subscribed"]
    assert office.ask("anna", "PUT", "m/x.ics", calendar("x")).status == 403
    assert office.ask("anna", "DELETE", "m/").status == 204


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://other.example/a.ics", Kind.DENIED),
        ("https://feed.example/a.ics", Kind.DENIED),  # another port
        ("http://feed.example/", Kind.BAD_REQUEST),
        ("https://feed.example@127.0.0.1/", Kind.BAD_REQUEST),
        ("https://127.0.0.1/", Kind.DENIED),
        ("https://[::1]/", Kind.DENIED),
        ("https://feed.example:99999/", Kind.BAD_REQUEST),
        ("file:///etc/passwd", Kind.BAD_REQUEST),
        ("https://feed.example/a\r\nX: y", Kind.BAD_REQUEST),
    ],
)
def test_only_allowed_hosts_are_asked(server, url, kind):
    assert refused(server, url).kind is kind
    assert server.resolved == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "::1", "::ffff:10.0.0.1", "fd00::1", "0.0.0.0"],
)
def test_an_allowed_name_leads_into_no_private_network(server, address):
    assert refused(server, web=server.web(networks=(), addresses=(address,))).kind is Kind.DENIED
    assert server.asked == []


def test_redirects_are_followed_within_the_rules_alone(server):
    server.pages["/a.ics"] = (200, {}, calendar("one"))
    server.pages["/moved"] = (301, {"Location": "/a.ics"}, b"")
    web = server.web()
    assert web.get(server.url("/moved"), Fetched(None)).octets == calendar("one")
    assert server.resolved == ["feed.example"] * 2  # each connection goes where its own look-up was checked
    for there in ("https://other.example/", "http://feed.example/", "file:///etc/passwd"):
        server.pages["/away"] = (302, {"Location": there}, b"")
        assert refused(server, server.url("/away")).kind in (Kind.DENIED, Kind.BAD_REQUEST)
    server.pages["/loop"] = (302, {"Location": "/loop"}, b"")
    assert "on and on" in refused(server, server.url("/loop")).text


def test_what_is_too_large_is_not_taken(server, monkeypatch):
    monkeypatch.setattr(fetch, "MOST", 1000)
    server.pages["/a.ics"] = (200, {}, b"x" * 1001)
    assert "large" in refused(server).text


def test_a_copy_that_nobody_follows_is_forgotten_and_most_fetches_look_at_no_other(tmp_path, monkeypatch):
    class Anywhere:
        def get(self, url, known):
            return Fetched(url.encode())

    now = 1_800_000_000
    monkeypatch.setattr(clock, "timestamp", lambda: now)
    copies = Copies(tmp_path, Anywhere())
    for number in range(20):
        copies.latest(f"https://feed.example/{number}")
    read = []
    opened = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path) or opened(path))
    copies.latest("https://feed.example/new")
    assert len(read) == 1
    now += 9 * 86400
    copies.latest("https://feed.example/new")
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".ics"}
    assert len(list(tmp_path.iterdir())) == 2
