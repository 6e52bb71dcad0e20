"""SPF within its limits (A14): loops, floods and bombs end soon, with a permerror or temperror and few questions."""

import time

import pytest

from odcore import clock
from odmail.trust import spf
from odtest.zone import TIMEOUT, Zone


def check(names: Zone, client: str = "192.0.2.7", sender: str = "a@peer.example") -> spf.Answer:
    return spf.check(spf.Asked(client, sender, "mx.peer.example", "mail.odisha.example"), names)


def zone(**records: list) -> Zone:
    made = Zone()
    for name, values in records.items():
        made.add(name.replace("_", "."), "TXT", *values)
    return made


@pytest.mark.parametrize(
    "names",
    [
        zone(peer_example=["v=spf1 include:peer.example -all"]),
        zone(peer_example=["v=spf1 redirect=peer.example"]),
        zone(peer_example=["v=spf1 include:a.example"], a_example=["v=spf1 include:peer.example"]),
        zone(peer_example=["v=spf1" + " a:x.example" * 11 + " -all"]),
        zone(peer_example=["v=spf1" + " exists:%{i}.%{l}.x.example" * 500 + " -all"]),
        zone(peer_example=["v=spf1 " + "exists:" + "%{s}." * 5000 + "example -all"] * 2),
    ],
)
def test_loops_and_bombs_are_permanent_errors_after_few_questions(names):
    begun = time.process_time()
    assert check(names).result == "permerror"
    assert len(names.asked) <= 13
    assert time.process_time() - begun < 1.0


def test_a_macro_that_grows_beyond_a_name_is_cut_to_one():
    names = zone(peer_example=["v=spf1 exists:" + "%{s}." * 400 + "x.example -all"])
    assert check(names, sender="b" * 60 + "@peer.example").result == "fail"
    assert max(len(name) for name, _ in names.asked) <= 253


def test_ten_thousand_names_of_a_client_are_ten():
    names = zone(peer_example=["v=spf1 ptr -all"])
    names.add("7.2.0.192.in-addr.arpa", "PTR", *(f"{number}.other.example" for number in range(10_000)))
    check(names)
    assert len(names.asked) < 15


def test_a_thousand_exchangers_are_a_permanent_error():
    names = zone(peer_example=["v=spf1 mx -all"])
    names.add("peer.example", "MX", *((10, f"{number}.peer.example") for number in range(1000)))
    assert check(names).result == "permerror"


def test_a_name_that_leads_nowhere_three_times_is_a_permanent_error():
    names = zone(peer_example=["v=spf1 a:1.example a:2.example a:3.example -all"])
    assert check(names).result == "permerror"


def test_after_twenty_seconds_no_more_is_asked(monkeypatch):
    names = zone(peer_example=["v=spf1 a:1.peer.example include:a.example -all"], a_example=["v=spf1 -all"])
    names.add("1.peer.example", "A", "192.0.2.1")
    passed = iter([0.0, 1.0, 2.0, *([30.0] * 20)])
    monkeypatch.setattr(clock, "monotonic", lambda: next(passed))
    assert check(names).result == "temperror"


def test_silence_is_a_temporary_error_and_no_record_is_none():
    assert check(zone(peer_example=[TIMEOUT])).result == "temperror"
    assert check(zone(peer_example=["something else"])).result == "none"
    assert check(zone()).result == "none"


def test_an_explanation_is_the_senders_words_and_plain_ascii():
    names = zone(peer_example=["v=spf1 -all exp=why.peer.example"], why_peer_example=["%{i} is not one of ours, %{l}"])
    assert check(names).explanation == "192.0.2.7 is not one of ours, a"
    assert check(zone(peer_example=["v=spf1 -all exp=why.peer.example"], why_peer_example=["ଓ"])).explanation == ""
