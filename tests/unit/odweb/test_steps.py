"""Two at one sheet: what was looked at is what is approved."""

from types import SimpleNamespace
from typing import Any

import pytest

from odcore.errors import Fault, Kind
from odtest.pages import Kept, Town


@pytest.fixture
def sheet() -> Any:
    Kept(Town())
    from odcore import clock
    from odweb.sheets.models import Sheet

    made = Sheet(name="staff", maker="maker", maker_name="Maker", office="khordha", changed=clock.now())
    made.rows = []
    made.save(force_insert=True)
    return made


def again(sheet: Any) -> Any:
    return type(sheet).objects.get(key=sheet.key)


def test_a_row_mended_at_the_moment_of_submitting_changes_nothing_that_was_submitted(sheet):
    from odweb.sheets import steps

    house: Any = SimpleNamespace(trail=SimpleNamespace(record=lambda *_words, **_facts: None))
    mending, submitting = again(sheet), again(sheet)
    steps.move(house, "maker", submitting, sheet.State.SUBMITTED)
    mending.name = "others"
    with pytest.raises(Fault) as refused:
        steps.save(mending)
    assert refused.value.kind is Kind.CONFLICT
    kept = again(sheet)
    assert (kept.name, kept.state) == ("staff", sheet.State.SUBMITTED)


def test_of_two_who_decide_one_decides(sheet):
    from odweb.sheets import steps

    told = []
    house: Any = SimpleNamespace(trail=SimpleNamespace(record=lambda *words, **_facts: told.append(words)))
    one, other = again(sheet), again(sheet)
    steps.move(house, "one", one, sheet.State.MAKING)
    with pytest.raises(Fault):
        steps.move(house, "other", other, sheet.State.REFUSED)
    assert (again(sheet).state, len(told)) == (sheet.State.MAKING, 1)
