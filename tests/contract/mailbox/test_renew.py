"""Messages of an older kind are found by the keys of today, and get them in idle moments."""

import msgspec
import pytest

from odmail.mailbox.model import Need
from odmail.message.model import Links, SortKeys
from odtest.store import letter, put, rows, shelf

KEYS = Need.SORT | Need.LINKS | Need.THREAD


@pytest.fixture
def old(tmp_path):
    """An account whose messages are as an earlier program stored them, and a reply that came since."""
    with shelf(tmp_path) as one:
        account = one.open()
        put(account, *[letter(f"Relief {n}", Message_ID=f"<{n}@x>") for n in range(60)])

        def age(tx):
            keys = msgspec.msgpack.encode(SortKeys("relief", "", "", "", "", ""))
            tx.cursor.execute("UPDATE message SET links = NULL, sort = :keys", {"keys": keys})
            tx.cursor.execute("DELETE FROM reference")

        account.write(age)
        yield account


def keys(account):
    return [(row.sort, row.links) for row in rows(account, need=KEYS)]


def test_until_then_the_header_says(old):
    assert all(sort[:1] == links[:1] == b"\0" and b"Subject: Relief" in sort for sort, links in keys(old))


def test_keys_are_made_anew_a_few_at_a_time(old):
    assert [old.renew() for _ in range(3)] == [50, 10, 0]
    found = [
        (msgspec.msgpack.decode(sort, type=SortKeys).subject, msgspec.msgpack.decode(links, type=Links).id)
        for sort, links in keys(old)
    ]
    assert found == [(f"RELIEF {n}", f"{n}@x") for n in range(60)]


def test_a_reply_finds_the_thread_of_a_message_made_anew(old):
    thread = rows(old, need=KEYS)[7].thread
    while old.renew():
        pass
    put(old, letter("Re: Relief 7", References="<7@x>"))
    assert rows(old, need=KEYS)[-1].thread == thread
