"""Annotations: their bounds, and how a session learns which changed.  RFC 5464 4.1"""

import pytest

from odcore.errors import Fault, Kind
from odmail.mailbox.api import GetMetadata, SetMetadata
from odmail.mailbox.changes import AnnotationHint
from odmail.mailbox.check import check
from odmail.mailbox.store import Store
from odtest.house import BIBHU, SASMITA


@pytest.fixture
def told():
    return []


@pytest.fixture
def account(tmp_path, told):
    store = Store(tmp_path, told.append)
    opened = store.open(SASMITA.id)
    told.clear()
    yield opened
    assert check(opened) == []
    store.close()


def write(account, reader="", **values):
    named = {f"/{scope}/vendor/x/{name}": v for scope, pairs in values.items() for name, v in pairs.items()}
    return account.set_metadata(SetMetadata("INBOX", named, reader))


def names(account, reader=""):
    return set(account.get_metadata(GetMetadata("INBOX", ("/private", "/shared"), None, reader)))


def refused(account, values, kind, **more):
    before = names(account)
    with pytest.raises(Fault) as caught:
        write(account, private=values, **more)
    assert caught.value.kind is kind
    assert names(account) == before


def test_a_value_and_a_count_have_bounds_and_all_is_refused_together(account):
    write(account, private={"fits": b"x" * 65536})
    refused(account, {"a": b"1", "b": b"x" * 65537}, Kind.TOO_BIG)
    write(account, private={str(number): b"x" for number in range(99)})
    refused(account, {"one-more": b"x"}, Kind.LIMIT)
    write(account, private={"0": b"other", "1": None})
    write(account, private={"one-more": b"x"})


def test_octets_are_counted_for_each_person_and_for_what_is_shared(account):
    """One reader's notes leave room for the owner's."""
    write(account, reader=BIBHU.id, private={str(number): b"x" * 65536 for number in range(16)})
    with pytest.raises(Fault) as caught:
        write(account, reader=BIBHU.id, private={"more": b"x"})
    assert caught.value.kind is Kind.LIMIT
    write(account, private={"mine": b"x"}, shared={"ours": b"x"})
    assert len(names(account)) == 2
    assert len(names(account, BIBHU.id)) == 17


def test_what_is_removed_makes_room_in_the_end(account):
    """Removals are remembered, so that they can be told; not for ever."""
    for number in range(300):
        write(account, private={str(number): b"x"})
        write(account, private={str(number): None})
    rows = account.read(lambda tx: tx.cursor.first("SELECT COUNT(*) FROM annotation"))[0]
    assert rows <= 201
    assert names(account) == set()


def test_changes_are_told_by_modseq_to_those_they_concern(account, told):
    start = account.metadata_since(1 << 62).modseq
    first = write(account, private={"a": b"1"}, shared={"b": b"2"})
    write(account, reader=BIBHU.id, private={"his": b"3"})
    box = account.mailbox("INBOX").id
    assert told == [AnnotationHint(SASMITA.id, box, first), AnnotationHint(SASMITA.id, box, first + 1)]
    seen = account.metadata_since(start)
    assert [one.entry for one in seen.changed] == ["/private/vendor/x/a", "/shared/vendor/x/b"]
    his = account.metadata_since(start, BIBHU.id)
    assert [one.entry for one in his.changed] == ["/private/vendor/x/his", "/shared/vendor/x/b"]
    assert account.metadata_since(seen.modseq).changed == []
