"""Sealed tenures whose time is over: the agency is told of each once, in its language, and nothing is destroyed."""

from datetime import timedelta

from msgspec.structs import replace

from odcore import clock
from odcore.directory.model import Group, Person
from odcore.ids import AccountId
from odmail.tenure.archive import Archive
from odmail.tenure.model import Tenure
from odtest.pages import Kept, Town
from odtest.store import ALICE, shelf

AGENT = Person(AccountId("agent"), "", "agent", "Agent", ("agent@odisha.example",), language="or")
GROUP = Group(AccountId("g"), "", "portal.admins", "", (), (AccountId("agent"),))


def test_the_agency_hears_once_of_a_tenure_whose_time_is_over(tmp_path):
    from odweb.handover.over import tell

    rows = []
    now = clock.now()
    with shelf(tmp_path / "accounts") as accounts:
        archive = Archive(tmp_path / "tenures", lambda event, *_, **__: rows.append(event), keep=3600)
        for number, hours in enumerate((2, 0.5)):
            key = AccountId(f"6c1c2a9e-0001-4a6e-9d3c-00000000000{number}")
            end = now - timedelta(hours=hours)
            archive.seal(Tenure(key, ALICE, AGENT.id, end - timedelta(days=9), end, "GA-1"), accounts.open(ALICE))
    kept = Kept(Town(AGENT, GROUP))
    house = replace(kept.house, tenures=archive)
    tell(house)
    tell(house)
    [(to, _subject, text, language)] = kept.letters
    assert (to, language) == (AGENT.addresses[0], "or")
    assert "odmail post archive destroy 6c1c2a9e-0001-4a6e-9d3c-000000000000" in text
    assert rows == ["tenure-sealed", "tenure-sealed", "tenure-over"]
    archive.close()
