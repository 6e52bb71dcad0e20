"""SORT gives the same order from what was kept as from reading all anew, whatever came and went between."""

from array import array

from hypothesis import given
from hypothesis import strategies as st

from odcore.ids import AccountId
from odcore.kept import Kept
from odmail.imap.reading import Reading
from odmail.imap.sorting import CRITERIA, arrange
from odmail.mailbox.model import Rows

NAMES = (b"ARRIVAL", b"SIZE")


class Mailbox:
    """As much of an account as is read, and how many rows were."""

    id = AccountId("00000001-0000-4000-8000-000000000001")

    def __init__(self):
        self.messages, self.read, self.uidnext = {}, 0, 1

    def fetch(self, options):
        uids = [uid for first, last in options.uids for uid in range(first, last + 1) if uid in self.messages]
        self.read += len(uids)
        return Rows(
            uids, received=[self.messages[uid][0] for uid in uids], size=[self.messages[uid][1] for uid in uids]
        )

    def put(self, *messages):
        for one in messages:
            self.messages[self.uidnext] = one
            self.uidnext += 1


def arranged(keep, box, names, uids):
    reading = Reading(box, 1, len(box.messages), lambda *_: None)
    criteria = [(CRITERIA[name], reverse) for name, reverse in names]
    return list(arrange(keep, reading, criteria, array("I", uids)))


def expected(box, names, uids):
    order = sorted(uid for uid in uids if uid in box.messages)
    for name, reverse in reversed(names):
        order.sort(key=lambda uid: box.messages[uid][NAMES.index(name)], reverse=reverse)
    return order


PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=30)
STEPS = st.lists(
    st.one_of(
        PAIRS.map(lambda pairs: ("put", pairs)),
        st.sets(st.integers(1, 60)).map(lambda uids: ("expunge", uids)),
        st.tuples(
            st.lists(st.tuples(st.sampled_from(NAMES), st.booleans()), min_size=1, max_size=3),
            st.none() | st.sets(st.integers(1, 60), max_size=8),
        ).map(lambda both: ("sort", both)),
    ),
    min_size=3,
    max_size=12,
)


@given(PAIRS, STEPS)
def test_kept_and_read_anew(pairs, steps):
    """All messages or some, by one criterion or several, forwards and in reverse."""
    keep, box = Kept(1 << 20), Mailbox()
    box.put(*pairs)
    for what, how in steps:
        if what == "put":
            box.put(*how)
        elif what == "expunge":
            for uid in how:
                box.messages.pop(uid, None)
        else:
            names, some = how
            uids = sorted(box.messages if some is None else some & box.messages.keys())
            assert arranged(keep, box, names, uids) == expected(box, names, uids)


def test_only_what_is_new_is_read():
    keep, box = Kept(1 << 20), Mailbox()
    box.put(*((number * 7 % 10, 0) for number in range(5000)))
    names = [(b"ARRIVAL", False)]
    for new in range(3):
        assert arranged(keep, box, names, box.messages) == expected(box, names, box.messages)
        assert box.read == 5000 + new
        box.put((new, 0))


def test_what_went_while_it_was_read_is_left_out():
    keep, box = Kept(1 << 20), Mailbox()
    box.put((2, 0), (1, 0))
    assert arranged(keep, box, [(b"ARRIVAL", False)], [1, 2, 3]) == [2, 1]


def test_few_among_many_are_read_alone():
    """Their cost does not grow with the mailbox."""
    keep, box = Kept(1 << 20), Mailbox()
    box.put(*((number * 7 % 10, 0) for number in range(5000)))
    arranged(keep, box, [(b"ARRIVAL", False)], box.messages)
    box.put((5, 0))
    assert arranged(keep, box, [(b"ARRIVAL", True)], [1, 2, 5001]) == [2, 5001, 1]
    assert box.read == 5001
