"""Every event of the audit trail has a name for people."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import odmail
from odmail.trust.dkim_rotation import Step
from odtest.pages import Kept, Town
from odweb.bureau.events import EVENTS

_SOURCES = Path(odmail.__file__).parents[1]
_RECORDERS = ("record", "_record", "changed", "_note")
_NO_EVENTS = {"sts-policy-fetch-error"}  # TLS reports are recorded, too
_EVENT = re.compile(r"[a-z]+(-[a-z]+)+")


def _written() -> Iterator[str]:
    """Events that stand in a call of the trail, or in both arms of a choice there."""
    for path in _SOURCES.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) in _RECORDERS:
                for part in (each for argument in call.args[:3] for each in ast.walk(argument)):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and _EVENT.fullmatch(part.value):
                        yield part.value


def test_each_event_has_a_name():
    """One that is added without a name would be shown as it is written."""
    found = set(_written()) - _NO_EVENTS
    assert len(found) > 40
    assert found - set(EVENTS) == set()


def test_each_state_that_something_comes_to_has_a_name():
    """These events are put together from the states."""
    Kept(Town())  # pages can be imported now
    from odweb.apply.models import Application
    from odweb.sheets.models import Sheet

    for noun, states in (("application", Application.State), ("sheet", Sheet.State)):
        assert {f"{noun}-{state}" for state in states} - set(EVENTS) == set()
    steps = {Step.MADE, Step.SWITCHED, Step.RETIRED}
    assert {f"dkim-{step}" for step in steps} - set(EVENTS) == set()


def test_instants_in_a_row_are_shown_as_people_write_them():
    Kept(Town())
    from odweb.bureau.events import shown_fact

    assert shown_fact("2026-12-01T04:30:00+00:00") == "01-12-2026 10:00"
    assert [shown_fact(each) for each in ("", "GA-77", "2026-12-01T", "2026-12-01")] == [
        "",
        "GA-77",
        "2026-12-01T",
        "2026-12-01",
    ]
