"""Accounts of applications and of the API, killed at any step of being made: completed, once, and told to the trail."""

import os
import signal
from datetime import date
from itertools import count
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from odcore import clock
from odcore.audit.trail import Trail
from odcore.directory.admin import Admin
from odcore.directory.bulk.journal import Journal
from odcore.directory.connection import Link
from odcore.directory.ldap import LdapDirectory
from odcore.identity.rights import Rights
from odcore.sms.spool import Spool
from odtest.pages import Kept, Town

_numbers = count(1)

STEPS = {
    "before the account": (Link, "add", False),
    "after the account": (Link, "add", True),
    "before the journal's word": (Journal, "made", False),
    "after the journal's word": (Journal, "made", True),
    "before the way in": (Spool, "put", False),
    "after the way in": (Spool, "put", True),
    "before the trail's last word": ("application-made", "", False),
    "before the commit": ("application-made", "", True),
}


def pages(house, folder):
    """As a process that has just begun stands upon."""
    link = Link(house.settings, house.slapd.folder)
    directory, trail = LdapDirectory(link), Trail(folder / "audit")
    made = replace(
        Kept(Town()).house,
        folder=folder,
        directory=directory,
        collections=SimpleNamespace(zone=ZoneInfo("Asia/Kolkata")),
        admin=lambda actor: Admin(directory, link, trail.record, lambda _: None, actor),
        trail=trail,
        sms=Spool(folder / "sms").put,
    )
    return made, link


def die_at(step: str) -> None:
    owner, name, after = STEPS[step]
    event = owner if isinstance(owner, str) else ""
    if event:
        owner, name = Trail, "record"
    real = getattr(owner, name)

    def dying(*given, **more):
        wanted = not event or event in given
        if wanted and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*given, **more)
        if wanted:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, dying)


def in_a_process_that_dies(step, work) -> None:
    """A real one, and a real kill."""
    from django.db import connections

    connections.close_all()
    child = os.fork()
    if not child:
        die_at(step)
        try:
            work()
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.mark.parametrize("step", STEPS)
def test_an_application_that_is_killed_while_it_is_made_is_made_once_by_the_next_round(house, tmp_path, step):
    Kept(Town())
    from odweb.apply import work
    from odweb.apply.models import Application

    Application.objects.all().delete()
    number = next(_numbers)
    waiting = Application.objects.create(
        reference=f"AKILL{number}",
        state=Application.State.AGENCY,
        language="en",
        name="Killed " + "abcdefghij"[number].title() * 5,
        employee=f"KILL-{number}",
        title="Clerk",
        office=house.directory.office("khordha").id,
        mobile=f"+9194373{number:05}",
        expires=date(2045, 3, 31),
        changed=clock.now(),
    )

    def approve():
        made, _link = pages(house, tmp_path)
        work.approve(made, Application.objects.get(key=waiting.key), "agent")

    in_a_process_that_dies(step, approve)
    made, link = pages(house, tmp_path)
    work.resume(made)
    after = Application.objects.get(key=waiting.key)
    [person] = made.directory.people(f"KILL-{number}")
    assert (after.state, after.account) == ("made", person.id)
    assert (person.title, person.mobile, person.office) == ("Clerk", waiting.mobile, waiting.office)
    told = {each.event for each in made.trail.events(most=1000)}
    assert {"application-making", "person-added", "password-code-made", "application-made"} <= told
    assert {sms.number for sms in Spool(tmp_path / "sms").waiting()} == {waiting.mobile}
    made.trail.close()
    link.close()


@pytest.mark.parametrize("step", ["before the account", "after the account", "before the journal's word"])
def test_a_person_whose_making_by_the_api_is_killed_is_there_once_when_it_is_asked_for_again(
    house, tmp_path, monkeypatch, step
):
    Kept(Town())
    from odweb.api import people
    from odweb.api.shapes import NewPerson

    number = next(_numbers)
    offices = frozenset(each.id for each in house.directory.offices())
    monkeypatch.setattr(people, "rights_of", lambda _request: Rights(agency=True, offices=offices))
    name = "Asked " + "abcdefghij"[number % 10].title() * 6
    wanted = NewPerson(name=name, employee=f"API-{number}", office="khordha", title="Clerk")

    def ask():
        made, link = pages(house, tmp_path)
        request = SimpleNamespace(house=made, admin=made.admin("hrms"))
        return people.make(request, wanted), made.trail, link

    in_a_process_that_dies(step, ask)
    (_status, person), trail, link = ask()
    assert (person.employee, person.title) == (f"API-{number}", "Clerk")
    assert len(house.another().people(f"API-{number}")) == 1
    assert person.id in {each.subject for each in trail.events(event="person-added", most=1000)}
    trail.close()
    link.close()
