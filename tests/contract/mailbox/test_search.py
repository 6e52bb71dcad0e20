"""The mail store's contract: SEARCH finds exactly what its criteria say, indexed or not, in every script."""

import pytest

from odcore import clock, haste
from odcore.errors import Fault, Kind
from odmail.mailbox import search as criteria
from odmail.mailbox.api import Expunge, Search, StoreFlags
from odmail.mailbox.model import Flag
from odtest.store import BOB, letter, put, shelf

DAY = 24 * 3600
ODIA = "ଓଡ଼ିଶା ସରକାର"

LETTERS = [
    letter("Budget of Khordha", "The figures are attached.\r\n", To="Bibhu Das <bibhu.das@odisha.example>"),
    letter("=?utf-8?q?caf=C3=A9?=", "A quiet STRASSE.\r\n", Message_ID="<two@x>"),
    letter("third", f"{ODIA} ଭୁବନେଶ୍ୱର\r\n", Cc="x@y"),
    letter("fourth", '=?utf-8?q?not decoded in a body?= "quoted" AND OR NEAR *\r\n', Date="junk"),
    letter("fifth", "nul \0 byte and more after it\r\n", Date="Wed, 11 Mar 2026 01:00:00 +0530"),
]


@pytest.fixture(params=["indexed", "not indexed"])
def account(tmp_path, request, monkeypatch):
    with shelf(tmp_path) as one:
        account = one.open()
        for number, octets in enumerate(LETTERS):
            put(account, octets, received=number * DAY + 100)
        if request.param == "not indexed":
            monkeypatch.setattr("odmail.mailbox.account._CATCH_UP", -1.0)
        yield account


def found(account, criterion, reader=""):
    return list(account.search(Search(account.mailbox("INBOX").id, criterion, reader)).uids)


def text(words, header=True):
    return criteria.Text(words, header)


@pytest.mark.parametrize(
    ("words", "uids"),
    [
        ("figures are", [1]),
        ("FIGURES", [1]),
        ("khordha", [1]),
        ("bibhu.das@", [1]),
        ("café", [2]),
        ("cafe\u0301", [2]),
        ("CAFÉ", [2]),
        ("straße", [2]),
        ("strasse", [2]),
        ("ଓଡ଼ିଶା", [3]),
        ("ଭୁବନେଶ୍\u200dୱର", [3]),
        ("ର ଭୁ", [3]),
        ('"quoted" and or', [4]),
        ("near *", [4]),
        ("more after it", [5]),
        ("th", [1, 3, 4, 5]),
        ("nowhere at all", []),
        ("", [1, 2, 3, 4, 5]),
    ],
)
def test_text_is_found_in_any_script_case_and_composition(account, words, uids):
    assert found(account, text(words)) == uids


def test_body_does_not_look_into_the_header(account):
    assert found(account, text("khordha", header=False)) == []
    assert found(account, text("attached", header=False)) == [1]


@pytest.mark.parametrize(
    ("name", "words", "uids"),
    [
        ("subject", "budget", [1]),
        ("subject", "CAFÉ", [2]),
        ("to", "bibhu", [1]),
        ("from", "bibhu", []),
        ("cc", "", [3]),
        ("message-id", "", [2]),
        ("x-none", "", []),
        ("subject", "th", [3, 4, 5]),
    ],
)
def test_a_header_field_is_found_by_its_decoded_text(account, name, words, uids):
    assert found(account, criteria.Header(name, words)) == uids


def test_trees_combine_exactly(account):
    first, odia, short = text("figures"), text("ଓଡ଼ିଶା"), criteria.Header("subject", "th")
    assert found(account, criteria.Or([first, odia])) == [1, 3]
    assert found(account, criteria.And([short, odia])) == [3]
    assert found(account, criteria.Not(short)) == [1, 2]
    assert found(account, criteria.Not(criteria.Or([first, criteria.Not(short)]))) == [3, 4, 5]
    assert found(account, criteria.And([criteria.Not(first), criteria.Uids([(1, 2), (4, 4)])])) == [2, 4]
    assert found(account, criteria.And([])) == [1, 2, 3, 4, 5]
    assert found(account, criteria.Or([])) == []
    assert found(account, criteria.Or([criteria.HasFlags(Flag.SEEN), first])) == [1]


def test_flags_and_keywords(account):
    inbox = account.mailbox("INBOX").id
    account.store(StoreFlags(inbox, [(1, 2)], "add", Flag.SEEN | Flag.FLAGGED, ("Work",)))
    account.store(StoreFlags(inbox, [(2, 3)], "add", Flag.SEEN, reader=BOB))
    assert found(account, criteria.HasFlags(Flag.SEEN | Flag.FLAGGED)) == [1, 2]
    assert found(account, criteria.HasFlags(Flag.SEEN | Flag.FLAGGED), BOB) == [2]
    assert found(account, criteria.HasFlags(Flag.SEEN, on=False), BOB) == [1, 4, 5]
    assert found(account, criteria.HasFlags(Flag.SEEN, on=False)) == [3, 4, 5]
    assert found(account, criteria.HasKeyword("wORK")) == [1, 2]
    assert found(account, criteria.HasKeyword("work", on=False)) == [3, 4, 5]
    assert found(account, criteria.HasKeyword("unknown")) == []
    assert found(account, criteria.HasKeyword("unknown", on=False)) == [1, 2, 3, 4, 5]


def test_dates_compare_the_day_only(account):
    for relation, uids in (("before", [1, 2]), ("on", [3]), ("since", [3, 4, 5])):
        assert found(account, criteria.Day("received", relation, 2 * DAY)) == uids
    tenth = 1_773_100_800  # 10 March 2026
    assert found(account, criteria.Day("sent", "on", tenth)) == [1, 2, 3]
    assert found(account, criteria.Day("sent", "on", tenth + DAY)) == [5]  # the day as its sender wrote it
    assert found(account, criteria.Not(criteria.Day("sent", "since", 0))) == [4]
    today = clock.timestamp() // DAY * DAY
    assert found(account, criteria.Day("saved", "since", today - DAY)) == [1, 2, 3, 4, 5]
    assert found(account, criteria.Within(10 * DAY, younger=True)) == []
    assert found(account, criteria.Within(10 * DAY, younger=False)) == [1, 2, 3, 4, 5]


def test_size_ids_and_modseq(account):
    sizes = [len(octets) for octets in LETTERS]
    bound = sorted(sizes)[2]
    assert found(account, criteria.Size(bound, larger=True)) == [n for n, size in enumerate(sizes, 1) if size > bound]
    assert found(account, criteria.Size(bound, larger=False)) == [n for n, size in enumerate(sizes, 1) if size < bound]
    appended = put(account, LETTERS[0])
    assert found(account, criteria.EmailId(appended.messages[0])) == [6]
    assert found(account, criteria.ThreadId(appended.messages[0])) == [6]
    assert found(account, criteria.EmailId(1 << 70)) == []
    assert found(account, criteria.ModSeq(appended.modseq)) == [6]
    assert account.search(Search(account.mailbox("INBOX").id, criteria.All())).modseq == appended.modseq
    assert found(account, criteria.SaveDateSupported()) == [1, 2, 3, 4, 5, 6]


def test_many_ranges_and_wide_trees_are_searched(account):
    ranges = [(uid, uid) for uid in range(1, 4000, 2)]
    assert found(account, criteria.Uids(ranges)) == [1, 3, 5]
    assert found(account, criteria.Or([criteria.Uids([(uid, uid)]) for uid in range(3, 900)])) == [3, 4, 5]
    nested = criteria.All()
    for _ in range(31):
        nested = criteria.Not(nested)
    assert found(account, nested) == []


def test_a_search_with_too_many_criteria_is_refused(account):
    with pytest.raises(Fault) as caught:
        found(account, criteria.And([criteria.All()] * 2000))
    assert caught.value.kind is Kind.LIMIT


def test_expunged_and_purged_messages_are_not_found(account):
    inbox = account.mailbox("INBOX").id
    assert found(account, text("figures")) == [1]
    account.store(StoreFlags(inbox, [(1, 1)], "add", Flag.DELETED))
    account.expunge(Expunge(inbox))
    assert found(account, text("figures")) == []
    account.purge()
    assert found(account, text("figures")) == []


def test_indexing_goes_on_in_small_steps_until_all_is_in(account):
    put(account, *[letter(f"number {number}", "a needle here\r\n") for number in range(120)])
    steps = 0
    while account.index_pending():
        steps += 1
    assert steps >= 2
    assert len(found(account, text("needle"))) == 120


def test_a_search_of_texts_tells_how_far_it_is(tmp_path):
    """Some way before the end, so that a client can be told."""
    with shelf(tmp_path) as one:
        account = one.open()
        put(account, *[letter(text=f"Letter {number}.\r\n") for number in range(150)])
        told = []
        options = Search(
            account.mailbox("INBOX").id, criteria.Text("letter", False), tell=lambda *far: told.append(far)
        )
        assert len(account.search(options).uids) == 150
        assert told == [(0, 150), (100, 150)]


def test_a_short_range_of_a_large_mailbox_is_searched_in_haste_and_nothing_else_is(account, monkeypatch):
    for part in ("mirror", "ops.search", "ops.search_flags"):
        monkeypatch.setattr(f"odmail.mailbox.{part}.FEW", 2)
    one, unseen = criteria.Uids([(2, 3)]), criteria.HasFlags(Flag.SEEN, on=False)
    assert haste.at_once(found, account, criteria.And((one, unseen))) == [2, 3]
    for many in (
        unseen,
        criteria.Uids([(1, 5)]),
        criteria.Or((one, unseen)),
        criteria.And((one, criteria.Size(1, larger=True))),
    ):
        with pytest.raises(haste.MustWait):
            haste.at_once(found, account, many)
