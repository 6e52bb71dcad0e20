"""FETCH finds the fields of messages with and without an outline, and the latter get theirs in idle moments."""

import pytest

from odmail.imap.section import pick_fields
from odmail.mailbox.model import Need
from odmail.message.outline import Picker
from odtest.store import letter, put, rows, shelf

NAMES = frozenset((b"from", b"subject", b"references"))


@pytest.fixture
def account(tmp_path):
    with shelf(tmp_path) as one:
        opened = one.open()
        put(opened, *[letter(f"Relief {n}", References=f"<{n}@x>") for n in range(60)])
        yield opened


def age(account):
    """As an earlier program stored the messages."""

    def forget(tx):
        tx.cursor.execute("DELETE FROM outline")
        tx.cursor.execute("UPDATE account SET outlined = next_message")

    account.write(forget)


def outlines(account):
    return [row.outline for row in rows(account, need=Need.OUTLINE)]


def picked(account):
    picker = Picker(NAMES, lambda header: pick_fields(header, NAMES))
    return [picker.pick(outline) for outline in outlines(account)]


def expected(account):
    return [pick_fields(row.header, NAMES) for row in rows(account, need=Need.HEADER)]


def test_a_message_has_its_outline_from_its_arrival(account):
    assert picked(account) == expected(account)


def test_a_message_without_one_comes_with_its_header(account):
    age(account)
    assert picked(account) == expected(account)
    assert {outline[0] for outline in outlines(account)} == {0}


def test_outlines_are_drawn_a_few_at_a_time_and_the_newest_first(account):
    age(account)
    put(account, letter("New"))
    assert account.renew() == 50
    assert [bool(outline[0]) for outline in outlines(account)] == [False] * 10 + [True] * 51
    assert [account.renew() for _ in range(2)] == [10, 0]
    assert picked(account) == expected(account)


def test_a_header_too_long_for_one_is_read_itself(account):
    put(account, letter("Long", References="<a@x> " * 20_000))
    age(account)
    while account.renew():
        pass
    assert outlines(account)[-1][0] == 0
    assert picked(account) == expected(account)
