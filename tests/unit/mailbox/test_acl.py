"""Rights: their letters, and what a list with positive and negative entries gives to whom.  RFC 4314 2"""

import pytest

from odcore.directory.model import AccountKind, AccountRef
from odcore.errors import Fault, Kind
from odcore.sharing.api import Owner, Power
from odmail.mailbox import acl
from odmail.mailbox.acl import Entry


def owner(**more):
    ref = AccountRef("00000001-0000-4000-8000-000000000001", AccountKind.PERSON, "a@odisha.example", "A")
    return Owner(ref, "a", **{"subjects": frozenset(("anyone", "person:b", "group:g")), **more})


@pytest.mark.parametrize(
    ("text", "rights", "shown"),
    [("", "", ""), ("rl", "lr", "lr"), ("c", "kx", "kxc"), ("d", "te", "ted"), ("lrswida", "lrswitea", "lrswitead")],
)
def test_letters(text, rights, shown):
    assert acl.parse(text) == rights
    assert acl.shown(rights) == shown


@pytest.mark.parametrize("text", ["q", "L", "lr q", "0", "+l"])
def test_other_letters_are_refused(text):
    with pytest.raises(Fault) as caught:
        acl.parse(text)
    assert caught.value.kind is Kind.BAD_REQUEST


@pytest.mark.parametrize(
    ("entries", "rights"),
    [
        ([], ""),
        ([Entry("person:c", "lr")], ""),
        ([Entry("anyone", "l"), Entry("group:g", "r"), Entry("person:b", "s")], "lrs"),
        ([Entry("anyone", "lrs"), Entry("person:b", "s", negative=True)], "lr"),
        ([Entry("person:b", "lr"), Entry("anyone", "lr", negative=True)], ""),
    ],
)
def test_negative_entries_win(entries, rights):
    assert acl.granted(owner(), entries) == rights


def test_a_delegation_counts_in_every_mailbox_but_where_it_is_taken_away():
    secretary = owner(powers=frozenset((Power.READ,)))
    assert acl.granted(secretary, []) == "lrs"
    assert acl.granted(secretary, [Entry("person:b", "lrs", negative=True)]) == ""
    assert acl.granted(owner(powers=frozenset((Power.SEND_AS,))), []) == ""


def test_an_entry_in_a_posts_list_ends_with_the_charge_of_who_wrote_it():
    entries = [Entry("person:b", "lr", giver="old"), Entry("anyone", "l", giver="")]
    assert acl.granted(owner(givers=frozenset(("", "new"))), entries) == "l"
    assert acl.granted(owner(givers=frozenset(("", "old"))), entries) == "lr"
