"""Ways through one's own page and administration, click by click: in three languages, on a desk and on phones."""

import contextlib
import imaplib
import json
import plistlib
import re
from datetime import date, timedelta
from itertools import count

import pytest
from playwright.sync_api import expect

from odcore.bus.client import Publisher
from odcore.directory.ops.person import AddPerson, add_person
from odsuite.build import Parts
from odtest.daemon import Daemon, until
from odtest.walk import WALKS, Walk, walk

pytestmark = pytest.mark.timeout(400)

ANJALI = "anjali.mohanty@odisha.example"  # administers everything
MAMATA = "mamata.jena@odisha.example"
ARJUN = "arjun.majhi@odisha.example"
FIRST, SECOND, THIRD = "a river and a hill", "a hill and a temple", "a temple and a river"

_numbers = count(9437400001)


@pytest.mark.parametrize("kind", WALKS)
def test_a_password_is_changed_forgotten_and_set_anew_with_a_code_that_came_by_sms(house: Daemon, chromium, kind):
    """On the Hindi phone by keyboard alone."""
    phone = str(next(_numbers))
    login = _somebody(house, f"gita.{kind}", phone)
    with walk(chromium, house, kind, "password", keys=kind == "hi-phone") as mine:
        mine.enter(login, FIRST)
        mine.follow("Change my password")
        _passwords(mine, SECOND, current="not it")
        mine.press("Change my password", 400)
        mine.reads("This is not your present password.")
        _passwords(mine, SECOND, current=FIRST)
        mine.press("Change my password")
        mine.reads("Your password is changed. Apps that used the old one are signed out.")
        mine.press("Sign out")

        mine.follow("I have forgotten my password")
        mine.write("E-mail address or user name", login)
        mine.press("Send the code")
        code = until(lambda: json.loads(house.odmail("outbox", "list", "--to", phone, "--json")), "a code comes")[-1]
        mine.write("Code", "000000")
        _passwords(mine, THIRD)
        mine.press("Set a password", 400)
        mine.reads("This code is not right, or too old. Ask for another one.")
        mine.write("Code", re.match(r"\d{6}", code["text"])[0])
        _passwords(mine, THIRD)
        mine.press("Set a password")
        mine.enter(login, THIRD)
        mine.follow("Where have I signed in?")
        mine.reads("The last sign-ins with my name")
        mine.reads("signed in")


@pytest.mark.parametrize("kind", WALKS)
def test_a_device_is_set_up_used_and_revoked(house: Daemon, chromium, kind):
    login = _somebody(house, f"sita.{kind}")
    with walk(chromium, house, kind, "device") as mine:
        mine.enter(login, FIRST)
        mine.follow("My devices")
        mine.reads("No device has a password yet.")
        mine.press("Make a password", 400)
        mine.write("Name of the device", "ମୋ <i>ଫୋନ</i>")
        mine.press("Make a password")
        secret = mine.page.locator(".secret").inner_text()
        device = house.imap(login, secret)
        until(lambda: _used(mine), "its use is seen")
        mine.look()
        mine.press("Revoke the password of %(name)s", name="ମୋ <i>ଫୋନ</i>")
        mine.reads("The password of “%(name)s” no longer opens anything.", name="ମୋ <i>ଫୋନ</i>")
        until(lambda: _ended(device), "the device's connection ends")

        mine.follow("Set up a phone or a mail program")
        mine.follow("iPhone, iPad or Mac")
        assert mine.page.get_by_role("img", name=mine.say("QR code with the address of this page")).is_visible()
        profile = mine.download(mine.button("Get the profile"))
        held = plistlib.loads(profile[profile.index(b"<?xml") : profile.index(b"</plist>") + 8])["PayloadContent"]
        assert house.imap(login, held[0]["IncomingPassword"]).noop()[0] == "OK"
        mine.follow("Back")
        mine.follow("Thunderbird")
        mine.press("Make a password")
        mine.reads("Sign in with this")
        assert house.imap(login, mine.page.locator(".secret").inner_text()).noop()[0] == "OK"


@pytest.mark.parametrize("kind", WALKS)
def test_somebody_is_away_and_lets_a_pa_look_who_is_seen_looking(house: Daemon, chromium, kind):
    login = _somebody(house, f"rabi.{kind}")
    today = date.today()
    with walk(chromium, house, kind, "away") as mine:
        mine.enter(login, FIRST)
        mine.follow("Out of office and filters")
        mine.write("First day", f"{today:%d-%m-%Y}")
        mine.write("Last day", f"{today - timedelta(days=1):%d-%m-%Y}")
        mine.write("What people of the Government are told", "ଛୁଟିରେ ଅଛି")
        mine.press("Save", 400)
        mine.reads("The last day comes before the first.")
        mine.write("Last day", f"{today + timedelta(days=3):%d-%m-%Y}")
        mine.press("Save")
        house.send(MAMATA, login, subject="Are you there?")
        assert "ଛୁଟିରେ" in until(lambda: _answer(house, login), "the answer comes")
        mine.press("I am back")

        mine.follow("My page")
        mine.follow("Delegates")
        mine.write("Who", "nobody.at.all")
        mine.tick(mine.field("read"))
        mine.press("Let them act", 400)
        mine.reads("Nobody has this name.")
        mine.write("Who", ARJUN)
        mine.press("Let them act")
        delegate = house.imap(ARJUN)
        assert delegate.select(f'"Other Users/{login.partition("@")[0]}/INBOX"', readonly=True)[0] == "OK"
        delegate.logout()
        mine.follow("Sign-ins")
        name = {"or": "ଅର୍ଜୁନ ମାଝୀ"}.get(mine.language, "Arjun Majhi")
        until(lambda: mine.again() == 200 and name in mine.page.inner_text("main"), "the look is told")
        mine.look()
        mine.follow("My page")
        mine.follow("Delegates")
        mine.press("End the powers of %(name)s", name=ARJUN)
        mine.reads("Nobody.")


@pytest.mark.parametrize("kind", WALKS)
def test_an_agency_administers_offices_people_lists_domains_and_quotas(house: Daemon, chromium, kind):
    short = kind.partition("-")[0]
    login = _somebody(house, f"hari.{kind}")
    with walk(chromium, house, kind, "agency") as agency:
        agency.enter(ANJALI, house.people[ANJALI].password)
        agency.follow("Administration")
        agency.follow("Offices")
        agency.write("Short name", f"tahasil.{short}")
        agency.write("Name in English", f"Tahasil {short}")
        agency.press("Add it")
        agency.reads("The office is there.")
        agency.go(agency.link(f"Tahasil {short}"))
        agency.write("Name in Odia", "ତହସିଲ")
        agency.press("Save")

        agency.follow("People and posts")
        agency.write("Name, address, mobile or employee number", "nobody.at.all")
        agency.press("Search")
        agency.reads("Nobody in your offices is called so.")
        agency.write("Name, address, mobile or employee number", login)
        agency.press("Search")
        agency.go(agency.page.get_by_role("table").get_by_role("link"))
        agency.write("Mobile number", "12345")
        agency.press("Save", 400)
        agency.reads("This is no Indian mobile number of ten digits.")
        agency.write("Mobile number", str(next(_numbers)))
        agency.press("Save")
        agency.press("Make a code")
        agency.reads("Print this page and hand it over sealed. It is shown this once.")
        agency.follow("Back")
        agency.press("Disable")
        agency.reads("disabled")
        agency.press("Enable")

        agency.follow("Administration")
        agency.follow("Domains")
        agency.write("Name of the domain", "no domain")
        agency.press("Add it", 400)
        agency.write("Name of the domain", f"{kind}.example")
        agency.press("Add it")
        agency.tick(agency.field("ଓଡ଼ିଆ"))
        agency.press("Save")
        agency.go(agency.link(f"{kind}.example"))
        agency.press("Take the domain out")
        agency.reads("The domain is no longer ours.")

        agency.follow("Administration")
        agency.follow("Quotas")
        agency.write("Name or address", login)
        agency.press("Search")
        agency.go(agency.page.get_by_role("table").get_by_role("link"))
        agency.write("GiB each for mail and for files", "0.5")
        agency.press("Save")


@pytest.mark.parametrize("kind", WALKS)
def test_an_agency_gives_a_held_message_back_and_reads_what_was_done(house: Daemon, chromium, kind):
    list_name = f"circulars.{kind}"
    with walk(chromium, house, kind, "queue") as agency:
        agency.enter(ANJALI, house.people[ANJALI].password)
        agency.follow("Administration")
        agency.follow("Mailing lists")
        agency.write("Short name", list_name)
        agency.write("Name", f"Circulars {kind}")
        agency.press("Add it")
        agency.reads("Nobody is in it.")
        agency.choose("Who may send to it", agency.say("anybody, once its owner agrees"))
        agency.write("Add members", "nobody.at.all")
        agency.press("Save", 400)
        agency.reads("One of these is nobody's name or address.")
        agency.write("Add members", "arjun.majhi mamata.jena")
        agency.press("Save")
        agency.go(agency.page.get_by_role("button", name=re.compile(f"^{agency.say('Take out')}")).last)

        sent = house.send(MAMATA, f"{list_name}@odisha.example", subject="To all")
        agency.follow("Administration")
        agency.follow("Queue")
        waiting = agency.page.get_by_role("row").filter(has_text=list_name)
        until(lambda: agency.again() == 200 and waiting.count(), "it waits for the list's owner")
        agency.look()
        agency.tick(waiting.get_by_role("checkbox"))
        agency.press("Give back to the sender")
        agency.reads("Done for so many messages: %(count)s.", count=1)
        expect(waiting).to_have_count(0)
        agency.follow("Administration")
        agency.follow("Where is a message?")
        agency.write("Message-ID, id of the queue, or an address", sent)
        agency.press("Search")
        until(
            lambda: agency.again() == 200 and agency.say("Given back") in agency.page.inner_text("main"),
            "it is given back",
        )
        agency.reads("Held")
        agency.look()

        agency.follow("Administration")
        agency.follow("Audit trail")
        agency.choose("Event", agency.say("Queued mail returned"))
        agency.press("Search")
        agency.shows({"or": "ଅଞ୍ଜଳି ମହାନ୍ତି"}.get(agency.language, "Anjali Mohanty"))
        agency.follow("Administration")
        agency.follow("Reports of others")
        agency.reads("No report came.")


def _somebody(house: Daemon, uid: str, mobile: str = "") -> str:
    """A person of this way's own, whose password is the first; the login."""
    added = AddPerson(uid=uid, family_name=uid.title(), office="khordha", mobile=f"+91{mobile}" if mobile else "",
                      password=FIRST)  # fmt: skip
    with contextlib.closing(Parts(house.settings, Publisher(house.settings.bus).publish)) as parts:
        return add_person(parts.admin("test"), added).addresses[0]


def _passwords(mine: Walk, new: str, current: str = "") -> None:
    if current:
        mine.write("Present password", current)
    mine.write("New password", new)
    mine.write("New password, once more", new)


def _used(mine: Walk) -> bool:
    mine.open("/me/devices")  # and not the same page once more: that would make another
    return "127.0.0.1" in mine.page.inner_text("main table")


def _ended(device: imaplib.IMAP4) -> bool:
    try:
        device.noop()
    except imaplib.IMAP4.abort:
        return True
    return False


def _answer(house: Daemon, login: str) -> str:
    """What the person who is away has answered; "" as long as nothing came."""
    client = house.imap(MAMATA)
    client.select()
    found = client.search(None, "FROM", login)[1][0].split()
    octets = client.fetch(found[-1].decode(), "(BINARY.PEEK[1])")[1][0][1] if found else b""
    client.logout()
    return octets.decode()
