"""Last uses of device passwords."""

from datetime import timedelta
from pathlib import Path

import pytest

from odcore import clock
from odcore.directory.model import AccountKind, AccountRef, Person
from odcore.identity.api import Client, Principal
from odcore.identity.uses import Uses

PERSON = Person("p1", "", "sasmita", "Sasmita", ("sasmita@odisha.example",))
OTHER = Person("p3", "", "bibhu", "Bibhu", ("bibhu@odisha.example",))
ACCOUNT = AccountRef("p1", AccountKind.PERSON, "sasmita@odisha.example", "Sasmita")


def test_the_last_use_of_each_device_is_kept_and_read_by_another_process(tmp_path: Path) -> None:
    """The directory's password is no device, and shows that somebody was there."""
    uses, another = Uses(tmp_path), Uses(tmp_path)
    uses.note(Principal(PERSON, ACCOUNT, "abcd"), Client("iPhone Mail", "imap", "192.0.2.1"))
    uses.note(Principal(PERSON, ACCOUNT, "efgh"), Client("", "submission", "192.0.2.2"))
    uses.note(Principal(PERSON, ACCOUNT), Client("", "imap", "192.0.2.3"))
    uses.flush()
    found = another.of("p1")
    assert {name: (use.address, use.service, use.client) for name, use in found.items()} == {
        "abcd": ("192.0.2.1", "imap", "iPhone Mail"),
        "efgh": ("192.0.2.2", "submission", ""),
    }
    assert another.of("p2") == {}
    uses.note(Principal(OTHER, ACCOUNT), Client("", "web", "192.0.2.3"))
    uses.flush()
    assert another.last().keys() == {"p1", "p3"}
    assert another.of("p3") == {}
    assert clock.now() - another.last()["p3"] < timedelta(minutes=1)
    uses.close()
    another.close()


def test_it_is_written_anew_only_from_elsewhere_or_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Apps sign in many times a minute."""
    now = [1000.0]
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    uses = Uses(tmp_path)
    principal = Principal(PERSON, ACCOUNT, "abcd")

    def seen(address: str) -> str:
        uses.note(principal, Client("", "imap", address))
        uses.flush()
        return uses.of("p1")["abcd"].at

    first = seen("192.0.2.1")
    assert seen("192.0.2.1") == first
    elsewhere = seen("192.0.2.9")
    assert elsewhere > first
    now[0] += 901
    assert seen("192.0.2.9") > elsewhere
    uses.close()
