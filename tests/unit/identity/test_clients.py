"""Which apps are turned away, and what happens to those that say it late."""

import pytest

from odcore.directory.model import AccountKind, AccountRef, Person
from odcore.errors import Fault, Kind
from odcore.identity.api import Client, Principal
from odcore.identity.clients import Clients
from odcore.identity.settings import IdentitySettings

PERSON = Person("p1", "", "sasmita", "Sasmita", ("sasmita@odisha.example",))
ACCOUNT = AccountRef("p1", AccountKind.PERSON, "sasmita@odisha.example", "Sasmita")


class Book:
    """The trail and the directory."""

    def __init__(self, **settings: object) -> None:
        self.events: list[dict[str, str]] = []
        self.revoked: list[Principal] = []
        self.clients = Clients(IdentitySettings(**settings), self.record, self.revoked.append)

    def record(self, event: str, actor: str, subject: str, **facts: str) -> None:
        self.events.append({"event": event, "actor": actor, "subject": subject, **facts})


def visit(client: str = "", address: str = "192.0.2.1", service: str = "imap") -> Client:
    return Client(client, service, address)


@pytest.mark.parametrize(
    "name",
    ["Microsoft Office 365", "microsoft office 365/15.20", "Outlook-iOS/2.0", "AM0PR01MB1.eurprd01.prod.outlook.com"],
)
def test_apps_of_foreign_clouds_are_refused_and_written_down(name: str) -> None:
    """By default, with a text that names the page for help."""
    book = Book(help_link="https://mail.odisha.example/apps")
    with pytest.raises(Fault) as caught:
        book.clients.check(visit(name))
    assert caught.value.kind is Kind.DENIED
    assert caught.value.text.endswith("See https://mail.odisha.example/apps")
    assert book.events[0] | {"outcome": "refused", "client": name} == book.events[0]


@pytest.mark.parametrize("name", ["", "Microsoft Outlook", "Thunderbird", "iPhone Mail", "outlook.com.evil.example"])
def test_other_apps_are_not(name: str) -> None:
    """Classic Outlook among them."""
    book = Book()
    book.clients.check(visit(name))
    assert book.events == []


def test_networks_are_refused_whatever_the_app_says_but_not_for_pages() -> None:
    """IPv4 also as it looks in IPv6."""
    book = Book(refused_networks=("198.51.100.0/24", "2001:db8::/32"))
    for address in ("198.51.100.7", "::ffff:198.51.100.7", "2001:db8::1"):
        with pytest.raises(Fault):
            book.clients.check(visit(address=address))
    book.clients.check(visit(address="198.51.100.7", service="web"))
    book.clients.check(visit(address="203.0.113.7"))
    book.clients.check(visit(address=""))


def test_who_says_it_after_sign_in_loses_the_device_password() -> None:
    """A directory password cannot be revoked: the session ends, and the trail says whose it was."""
    book = Book()
    by_device, by_password = Principal(PERSON, ACCOUNT, "abcd"), Principal(PERSON, ACCOUNT)
    book.clients.found_out(by_device, visit("Thunderbird"))
    for principal in (by_device, by_password):
        with pytest.raises(Fault):
            book.clients.found_out(principal, visit("Microsoft Office 365"))
    assert book.revoked == [by_device]
    assert [event["outcome"] for event in book.events] == ["revoked", "signed-out"]
    assert {event["actor"] for event in book.events} == {"p1"}
