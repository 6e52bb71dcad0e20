"""Rotating DKIM keys: nothing signs before the DNS shows it, nothing goes while mail it signed is under way."""

import multiprocessing
import os

import pytest

from odcore import clock
from odcore.errors import Fault, Kind
from odmail.trust import dkim_rotation
from odmail.trust.dkim_keys import Keys
from odmail.trust.dkim_rotation import IN_FLIGHT, Step, rotate
from odtest.zone import TIMEOUT, Zone

DOMAIN = "odisha.example"


@pytest.fixture
def now(monkeypatch):
    instant = [1_764_000_000]
    monkeypatch.setattr(clock, "timestamp", lambda: instant[0])
    return instant


@pytest.fixture
def keys(tmp_path):
    made = Keys(tmp_path)
    made.generate(DOMAIN, "old")
    return made


def selectors(found) -> set[str]:
    return {key.selector for key in found}


def publish(zone: Zone, found) -> None:
    for key in found:
        zone.add(key.record_name, "TXT", key.record)


def test_a_rotation_goes_from_publishing_to_deleting_and_another_process_follows(keys, tmp_path, now):
    zone, daemon = Zone(), Keys(tmp_path)
    made = rotate(keys, DOMAIN, zone)
    assert made.step is Step.MADE
    assert selectors(daemon.signing(DOMAIN)) == {"oldr", "olde"}
    publish(zone, made.keys)
    switched = rotate(Keys(tmp_path), DOMAIN, zone)  # after a restart
    assert switched.step is Step.SWITCHED
    assert set(daemon.signing(DOMAIN)) == set(made.keys)
    now[0] += IN_FLIGHT - 1
    assert rotate(keys, DOMAIN, zone).step is Step.IN_FLIGHT
    assert selectors(daemon.of(DOMAIN)) >= {"oldr", "olde"}
    now[0] += 1
    gone = rotate(keys, DOMAIN, zone)
    assert (gone.step, selectors(gone.keys)) == (Step.RETIRED, {"oldr", "olde"})
    assert set(daemon.of(DOMAIN)) == set(made.keys)
    assert rotate(keys, DOMAIN, zone).step is Step.MADE


@pytest.mark.parametrize("state", ["nothing", "half", "silence", "another key", "revoked", "twice"])
def test_nothing_switches_before_the_dns_shows_both_records_and_only_them(keys, state):
    zone = Zone()
    pair = rotate(keys, DOMAIN, zone).keys
    if state != "nothing":
        publish(zone, pair[:1])
    name = pair[1].record_name
    wrong = {
        "silence": [TIMEOUT],
        "another key": [keys.signing(DOMAIN)[0].record],
        "revoked": ["v=DKIM1; k=ed25519; p="],
        "twice": [pair[1].record, keys.signing(DOMAIN)[0].record],
    }
    if state in wrong:
        zone.add(name, "TXT", *wrong[state])
    for _ in range(2):
        progress = rotate(keys, DOMAIN, zone)
        assert progress.step is Step.UNSEEN
        assert len(progress.objections) == (2 if state == "nothing" else 1)
        assert selectors(keys.signing(DOMAIN)) == {"oldr", "olde"}


def test_a_record_in_pieces_with_other_spaces_and_tags_is_the_same(keys):
    zone = Zone()
    for key in rotate(keys, DOMAIN, zone).keys:
        kind, public = key.algorithm.partition("-")[0], key.public.decode()
        zone.add(key.record_name, "TXT", f"v=DKIM1;k={kind};  s=email; t=s; p={public[:20]} {public[20:]};")
    assert rotate(keys, DOMAIN, zone).step is Step.SWITCHED


def test_what_was_cut_short_while_making_keys_is_made_again_and_signs_nothing(keys, tmp_path):
    def die(path, private):
        if path.stem.endswith("e"):
            os._exit(9)
        save(path, private)

    save = dkim_rotation.Keys.make.__globals__["_save"]

    def child():
        dkim_rotation.Keys.make.__globals__["_save"] = die
        rotate(Keys(tmp_path), DOMAIN, Zone())

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join()
    assert process.exitcode == 9
    after = Keys(tmp_path)
    assert len(after.of(DOMAIN)) == 3
    assert selectors(after.signing(DOMAIN)) == {"oldr", "olde"}
    made = rotate(after, DOMAIN, Zone())
    assert (made.step, len(made.keys), len(after.of(DOMAIN))) == (Step.MADE, 2, 4)
    assert selectors(after.signing(DOMAIN)) == {"oldr", "olde"}


def test_the_second_rotation_of_a_day_finds_other_names(keys, now):
    zone = Zone()
    first = rotate(keys, DOMAIN, zone)
    publish(zone, first.keys)
    rotate(keys, DOMAIN, zone)
    now[0] += IN_FLIGHT
    rotate(keys, DOMAIN, zone)
    second = rotate(keys, DOMAIN, zone)
    assert not selectors(first.keys) & selectors(second.keys)
    assert set(keys.signing(DOMAIN)) == set(first.keys)


def test_without_keys_there_is_nothing_to_rotate(tmp_path):
    with pytest.raises(Fault) as fault:
        rotate(Keys(tmp_path), DOMAIN, Zone())
    assert fault.value.kind is Kind.NOT_FOUND
    assert not list(tmp_path.iterdir())
