"""Devices are told of what they do not know, and of nothing else."""

import base64
import json
import re
import threading

import pytest
from py_vapid import Vapid02

from odcore import clock
from odcore.identity.api import Principal
from odcore.net.outside import Outside
from odcore.net.tls import client_context
from oddav.push.keys import Keys
from oddav.push.message import encrypted
from oddav.push.notifier import Notifier
from oddav.push.offer import Offer
from oddav.push.service import Service
from oddav.radicale.visit import Visit
from oddav.scheduling.pending import Pending
from oddav.store.model import Right, Share
from oddav.store.ops import push
from oddav.store.sharing import share
from odtest.calendars import Office, event
from odtest.daemon import until
from odtest.push_service import SPACES, Device, PushService

RENAME = (
    '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:displayname>Work</D:displayname></D:prop></D:set>'
    "</D:propertyupdate>"
)


class House:
    """An office that pushes, at a time that a test moves on."""

    def __init__(self, folder, monkeypatch):
        self.now = clock.timestamp()
        monkeypatch.setattr(clock, "timestamp", lambda: self.now)
        self.service = PushService(folder / "tls")
        self.keys = Keys(folder / "keys" / "push.pem")
        self.outside = self.reach((self.service.place,), ("127.0.0.0/8",))
        self.subscribers = Pending(folder / "push")
        offer = Offer(self.keys.public, (self.service.place,), self.subscribers.mark)
        self.office = Office(folder, push=offer)
        self.revoked = set()
        self.notifier = self.notifies(self.outside)
        self.device = Device(self.service)

    def reach(self, hosts, networks):
        return Outside(lambda _: ("127.0.0.1",), hosts, networks, client_context(self.service.authority))

    def notifies(self, outside):
        service = Service(outside, self.keys, "mailto:postmaster@x", seconds=5.0)
        return Notifier(self.office.store, service, self.subscribers, self._may_hear)

    def _may_hear(self, account, collection, to):
        principal = self.principal(to.person)
        if to.person in self.revoked:
            return False
        visit = Visit(principal, self.office.house)
        return account in (*visit.owners, *visit.guests) and visit.right(visit.owner(account), collection) >= Right.READ

    def principal(self, person):
        return Principal(self.office.person(person), self.office.account(person))

    def register(self, name="anna", path="calendar/", body=None, **headers):
        return self.office.ask(
            name, "POST", path, body or self.device.asks(), content_type="application/xml", **headers
        )

    def put(self, uid="e", name="anna", path=None, **headers):
        body = event(uid, f"{name}@x", ())
        assert self.office.ask(name, "PUT", path or f"calendar/{uid}.ics", body, **headers).status in (201, 204)

    def round(self, name="anna", later=10):
        """What the notifier does, a while after the last change."""
        self.now += later
        self.notifier.visit(self.office.ids[name])
        return self.device.heard()

    def close(self):
        self.service.close()
        self.office.close()


@pytest.fixture
def house(tmp_path, monkeypatch):
    one = House(tmp_path, monkeypatch)
    yield one
    one.close()


def test_a_change_is_told_once_with_the_token_it_led_to_and_nothing_of_what_it_is(house):
    told = house.register()
    assert (told.status, told.headers["Location"].startswith("https://mail.example/dav/push/")) == (204, True)
    assert "GMT" in told.headers["Expires"]
    assert house.round() == []
    house.put()
    (message,) = house.round()
    props = f"<D:propfind xmlns:D='DAV:' {SPACES.replace('xmlns=', 'xmlns:P=', 1).split()[0]}><D:prop>"
    asked = f"{props}<D:sync-token/><P:topic/><P:transports/><P:supported-triggers/></D:prop></D:propfind>"
    shown = house.office.ask("anna", "PROPFIND", "calendar/", asked, depth="0").octets.decode()
    token, topic = (re.search(f"<.:{name}[^>]*>([^<]+)", shown)[1] for name in ("sync-token", "topic"))
    assert f"<D:sync-token>{token}</D:sync-token>" in message
    assert f"<P:topic>{topic}</P:topic>" in message
    assert "property-update" not in message
    assert house.keys.public in shown
    assert len(house.round()) == 1


def test_the_service_learns_who_asks_and_nothing_more(house):
    house.register()
    house.put()
    house.round()
    (taken,) = house.service.taken
    assert Vapid02.verify(taken.headers["Authorization"])
    claims = json.loads(base64.urlsafe_b64decode(taken.headers["Authorization"].split(".")[1] + "=="))
    assert (claims["aud"], claims["sub"]) == (f"https://{house.service.place}", "mailto:postmaster@x")
    assert house.now < claims["exp"] <= house.now + 86400
    assert (taken.headers["Content-Encoding"], taken.headers["TTL"]) == ("aes128gcm", "259200")
    assert len(taken.headers["Topic"]) <= 32
    assert b"push-message" not in taken.octets


def test_changes_of_properties_are_told_to_those_who_want_them(house):
    house.register(body=house.device.asks("<property-update><D:depth>0</D:depth></property-update>"))
    house.put()
    assert house.round() == []
    assert house.office.ask("anna", "PROPPATCH", "calendar/", RENAME).status == 207
    (message,) = house.round()
    assert "<P:property-update/>" in message
    assert "content-update" not in message


def test_an_app_that_names_no_trigger_hears_of_content(house):
    assert house.register(body=house.device.asks(None)).status == 204
    house.office.ask("anna", "PROPPATCH", "calendar/", RENAME)
    assert house.round() == []
    house.put()
    assert "<P:content-update>" in house.round()[0]


def test_a_device_is_not_told_of_what_it_did_itself_but_of_what_others_did(house):
    location = house.register().headers["Location"]
    house.put("a", push_dont_notify=f'"{location}"')
    house.put("b", push_dont_notify="*")
    assert house.round() == []
    house.put("c")
    house.put("d", push_dont_notify=f'"{location}"')
    assert len(house.round()) == 1


def test_nobody_silences_devices_of_others(house):
    home = house.office.store.open(house.office.ids["anna"], ())
    location = house.register().headers["Location"]
    share(house.office.register, home, Share("calendar", f"person:{house.office.ids['bibhuti']}", Right.WRITE))
    path = f"/{house.office.ids['anna']}/calendar/b.ics"
    for uid, quiet in (("b", "*"), ("c", f'"{location}"')):
        house.put(uid, "bibhuti", path.replace("b.ics", f"{uid}.ics"), push_dont_notify=quiet)
        house.round()
    assert len(house.device.heard()) == 2


def test_a_second_registration_of_a_device_takes_the_place_of_the_first(house):
    first = house.register().headers["Location"]
    house.device.secret = b"t" * 16
    assert house.register().headers["Location"] == first
    house.put()
    assert len(house.round()) == 1


def test_who_unsubscribed_hears_nothing_and_only_they_can(house):
    path = house.register().headers["Location"].removeprefix("https://mail.example/dav")
    assert house.office.ask("bibhuti", "DELETE", path).status == 404
    assert house.office.ask("anna", "DELETE", path).status == 204
    assert house.office.ask("anna", "DELETE", path).status == 404
    assert house.office.ask("anna", "DELETE", f"/push/../{'x' * 20}").status == 404
    house.put()
    assert house.round() == []


def test_a_subscription_ends_when_its_time_is_over(house):
    house.register(body=house.device.asks(more="<expires>Wed, 01 Jan 2020 00:00:00 GMT</expires>"))
    house.put()
    assert house.round() == []
    assert not house.notifier.visit(house.office.ids["anna"])
    house.register()
    house.put("f")
    assert house.round(later=31 * 86400) == []


def test_who_may_read_it_no_more_is_told_of_nothing(house):
    home = house.office.store.open(house.office.ids["anna"], ())
    mine = Share("calendar", f"person:{house.office.ids['bibhuti']}", Right.READ)
    house.office.ask("anna", "PROPFIND", "calendar/")
    share(house.office.register, home, mine)
    assert house.register("bibhuti", f"/{house.office.ids['anna']}/calendar/").status == 204
    house.put("a")
    assert len(house.round()) == 1
    house.revoked.add(house.office.ids["bibhuti"])
    house.put("b")
    assert len(house.round()) == 1
    house.revoked.clear()
    house.put("c")
    assert len(house.round()) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_what_the_service_does_not_know_any_more_is_forgotten(house, status):
    house.register()
    house.service.status = status
    house.put()
    house.round()
    house.service.status = 201
    house.put("f")
    assert len(house.round()) == 1


def test_a_service_that_is_away_is_asked_again_and_given_up_after_days(house):
    house.register()
    house.service.status, house.service.headers = 503, {"Retry-After": "100"}
    house.put()
    assert len(house.round()) == 1
    assert len(house.round(later=60)) == 1
    house.service.status = 201
    assert len(house.round(later=60)) == 2
    assert len(house.round(later=60)) == 2
    house.service.status, house.service.headers = 500, {}
    house.put("f")
    tries = 0
    while house.notifier.visit(house.office.ids["anna"]) and tries < 100:
        house.now += 7 * 3600
        tries += 1
    assert 5 < tries < 20


def test_what_a_crash_left_is_told_by_the_next_process_which_looks_nowhere_in_vain(house):
    location = house.register().headers["Location"]
    house.put()
    folder = house.subscribers._folder

    def process(done):
        notifier = house.notifies(house.outside)
        thread = threading.Thread(target=notifier.run)
        thread.start()
        until(done, "the first round of a process")
        notifier.stop()
        thread.join()

    process(house.device.heard)
    assert len(list(folder.iterdir())) == 1
    house.office.ask("anna", "DELETE", location.removeprefix("https://mail.example/dav"))
    house.now += 100
    process(lambda: not list(folder.iterdir()))
    assert len(house.device.heard()) == 1


def test_a_service_that_cannot_be_reached_is_not_tried_for_each_device(house, monkeypatch):
    monotonic = [100.0]
    monkeypatch.setattr(clock, "monotonic", lambda: monotonic[0])
    house.register()
    tried = []
    monkeypatch.setattr(house.outside, "_addresses", lambda host: tried.append(host) or ())
    house.put()
    for more in (1, 1, 60):
        house.round(later=7 * 3600)
        monotonic[0] += more
    assert len(tried) == 1
    house.round(later=7 * 3600)
    assert len(tried) == 2


def test_only_services_that_are_allowed_are_told(house):
    for url in ("https://other.example/x", f"http://{house.service.place}/x", "https://127.0.0.1/", "x"):
        house.device.url = url
        told = house.register()
        assert (told.status, b"invalid-subscription" in told.octets) == (403, True)
    house.device.url = f"https://{house.service.place}/one"
    house.register()
    house.put()
    house.notifier = house.notifies(house.reach((house.service.place,), ()))
    assert house.round() == []  # its name leads into our own network
    house.notifier = house.notifies(house.reach((), ()))
    assert house.round(later=100) == []
    house.notifier = house.notifies(house.outside)
    assert house.round(later=100) == []  # it is forgotten: the site has taken the service from its list


@pytest.mark.parametrize(
    ("change", "condition"),
    [
        (("<subscription>", "<other>", "</subscription>", "</other>"), "invalid-subscription"),
        (("auth-secret>", "x>"), "invalid-subscription"),
        (('type="p256dh">B', 'type="p256dh">C'), "invalid-subscription"),
        (("content-update", "x", "property-update", "y"), "no-supported-trigger"),
    ],
)
def test_what_cannot_be_subscribed_to_has_a_name(house, change, condition):
    body = house.device.asks()
    for old, new in zip(change[::2], change[1::2], strict=True):
        body = body.replace(old, new)
    told = house.register(body=body)
    assert (told.status, condition in told.octets.decode()) == (403, True)


def test_a_site_without_services_announces_nothing(tmp_path):
    office = Office(tmp_path)
    assert "webdav-push" not in office.ask("anna", "OPTIONS", "").headers["DAV"]
    asked = f"<D:propfind xmlns:D='DAV:' {SPACES.split()[0]}><D:prop><transports/></D:prop></D:propfind>"
    assert b" 200 OK" not in office.ask("anna", "PROPFIND", "calendar/", asked, depth="0").octets
    body = f"<push-register {SPACES}/>"
    told = office.ask("anna", "POST", "calendar/", body, content_type="application/xml")
    assert (told.status, b"push-not-available" in told.octets) == (403, True)
    office.close()


def test_there_is_an_end_to_the_subscriptions_of_one_person(house, monkeypatch):
    monkeypatch.setattr(push, "MOST_OF_A_PERSON", 2)
    for path in ("/one", "/two"):
        house.device = Device(house.service, path)
        assert house.register().status == 204
    house.device = Device(house.service, "/three")
    assert house.register().status == 429


def test_subscriptions_end_with_their_collection(house):
    house.office.ask("anna", "MKCALENDAR", "more/")
    house.register(path="more/")
    assert house.office.ask("anna", "DELETE", "more/").status == 204
    assert not house.notifier.visit(house.office.ids["anna"])


def test_a_message_is_for_one_device_alone(house):
    other = Device(house.service, "/other")
    house.service.taken.append(type("", (), {"path": "/one", "octets": encrypted(b"x", other.public, other.secret)}))
    with pytest.raises(Exception, match="Decryption"):
        house.device.heard()
