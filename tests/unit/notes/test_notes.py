"""The two faces of an account's notes: what each app finds of what another wrote."""

import pytest
from structlog.testing import capture_logs

from odcore.sql.database import Cursor
from oddav.notes import bridge
from odmail.mailbox.api import CreateMailbox
from odmail.mailbox.model import SpecialUse
from odtest.notes import AUTHOR, Desk, apple, lines
from odtest.store import ALICE, bodies, letter

KEY = "E31ABFC8-93F5-4BD7-9BA9-2B4A4E1C3F02"


@pytest.fixture
def desk(tmp_path):
    one = Desk(tmp_path)
    yield one
    one.close()


def test_a_note_of_apple_notes_becomes_a_journal(desk):
    desk.append(apple(KEY, "ବଜାର", "rice &amp; dal", "", "<b>oil</b>"))
    desk.settle()
    [(href, (_, octets))] = desk.journals().items()
    told = lines(octets)
    assert href == f"{KEY}.ics"
    assert told["UID"] == KEY
    assert (told["SUMMARY"], told["DESCRIPTION"]) == ("ବଜାର", "rice & dal\n\noil")
    assert (told["CREATED"], told["LAST-MODIFIED"]) == ("20260309T043000Z", "20260310T043000Z")
    assert "DTSTART" not in told


def test_a_journal_becomes_a_note_of_apple_notes(desk):
    desk.put("a.ics", "List", "one\n  two", uid="some-id@jtx")
    desk.settle()
    [(_, key, note)] = desk.letters()
    assert (note.title, note.text) == ("List", "one\n  two")
    assert len(key) == 36
    [octets] = bodies(desk.mail, "Notes")
    assert b"X-Uniform-Type-Identifier: com.apple.mail-note\r\n" in octets
    assert f"X-Universally-Unique-Identifier: {key}".encode() in octets
    assert AUTHOR[1].encode() in octets


def test_a_note_that_was_deleted_before_its_message_was_seen_is_gone_on_both_sides(desk):
    desk.put("a.ics", "List", "one")
    desk.bridge().look(ALICE)
    [(uid, _, _)] = desk.letters()
    desk.expunge(uid)
    desk.settle()
    assert desk.journals() == {}


def test_an_edit_of_a_note_leaves_the_rest_of_the_journal(desk):
    desk.put("a.ics", "List", "one")
    desk.settle()
    [(uid, key, _)] = desk.letters()
    desk.append(apple(key, "List", "two"))
    desk.settle()  # the old version is still there
    desk.expunge(uid)
    desk.settle()
    [(_, octets)] = desk.journals().values()
    told = lines(octets)
    assert told["DESCRIPTION"] == "two"
    assert (told["CATEGORIES"], told["X-JTX"], told["UID"]) == ("office,a", "a,b", "a.ics")


def test_what_plain_text_cannot_say_is_kept_in_trash(desk):
    desk.append(apple(KEY, "List", more="<ul><li>one</ul>"))
    desk.settle()
    [(href, _)] = desk.journals().items()
    desk.put(href, "List", "two", uid=KEY)
    desk.settle()
    [(_, _, note)] = desk.letters()
    assert note.text == "two"
    [kept] = bodies(desk.mail, "Trash")
    assert b"<li>one" in kept


def test_a_deletion_crosses_over_and_the_message_lies_in_trash(desk):
    desk.append(apple(KEY, "List", "one"))
    desk.put("b.ics", "Other", "text")
    desk.settle()
    desk.remove(f"{KEY}.ics")
    [uid] = [uid for uid, key, _ in desk.letters() if key != KEY]
    desk.expunge(uid, marked=True)
    desk.settle()
    assert desk.letters() == []
    assert desk.journals() == {}
    assert len(bodies(desk.mail, "Trash")) == 1


def test_of_two_edits_both_are_kept(desk):
    desk.append(apple(KEY, "List", "one"))
    desk.settle()
    [(uid, _, _)] = desk.letters()
    desk.append(apple(KEY, "List", "letter"))
    desk.expunge(uid)
    desk.put(f"{KEY}.ics", "List", "journal", uid=KEY)
    desk.settle()
    both = {("List", "letter"), ("List (2)", "journal")}
    assert {(note.title, note.text) for _, _, note in desk.letters()} == both
    assert {(note.title, note.text) for note, _ in desk.journals().values()} == both


def test_an_edit_beats_a_deletion(desk):
    desk.append(apple(KEY, "List", "one"))
    desk.settle()
    [(uid, _, _)] = desk.letters()
    desk.expunge(uid)
    desk.put(f"{KEY}.ics", "List", "two", uid=KEY)
    desk.settle()
    [(_, key, note)] = desk.letters()
    assert (key, note.text) == (KEY, "two")


def test_mail_that_lies_in_the_mailbox_is_no_note(desk):
    desk.append(letter("Hello"))
    desk.settle()
    assert desk.journals() == {}


@pytest.mark.parametrize("deleted", ["mailbox", "collection"])
def test_a_face_that_goes_away_as_a_whole_comes_back(desk, deleted):
    desk.append(apple(KEY, "List", "one"))
    desk.settle()
    if deleted == "mailbox":
        desk.mail.delete("Notes")
        desk.settle()
        desk.mail.create(CreateMailbox("Notes", SpecialUse.NOTES))
    else:
        desk.home.remove_collection("notes")
    desk.settle()
    [(_, _, note)] = desk.letters()
    [(other, _)] = desk.journals().values()
    assert note.text == other.text == "one"


def test_two_journals_whose_names_are_one_uuid_are_two_notes(desk):
    desk.put("a.ics", "A", "a", uid=KEY)
    desk.put("b.ics", "B", "b", uid=KEY.lower())
    desk.settle()
    assert sorted(note.title for _, _, note in desk.letters()) == ["A", "B"]


def test_a_full_mailbox_delays_notes_and_loses_none(desk):
    desk.shelf.store.set_quota(desk.mail.id, 1)
    desk.put("a.ics", "A", "a")
    desk.settle()
    assert desk.letters() == []
    desk.shelf.store.set_quota(desk.mail.id, 0)
    desk.bridge().look(desk.mail.id)
    [(_, _, note)] = desk.letters()
    assert note.text == "a"


def test_full_collections_delay_notes_and_lose_none(desk):
    """By the quota of the account; what takes no room, and the other way, go on."""
    desk.append(apple(KEY, "Old", "text"))
    desk.settle()
    desk.quota = 1
    for number in range(3):
        desk.append(apple(f"{KEY[:-2]}1{number}", f"N{number}", "text"))
    desk.put("a.ics", "A", "a")
    desk.remove(f"{KEY}.ics")
    with capture_logs() as told:
        desk.settle()
    assert {each["reason"] for each in told} == {"There is no room for more calendars and contacts."}
    assert sorted(note.title for _, _, note in desk.letters()) == ["A", "N0", "N1", "N2"]
    assert [note.title for note, _ in desk.journals().values()] == ["A"]
    desk.quota = 0
    desk.settle()
    assert sorted(note.title for note, _ in desk.journals().values()) == ["A", "N0", "N1", "N2"]


def test_many_notes_that_do_not_fit_keep_nobody_busy(desk, monkeypatch):
    """More than are looked at in one go: they wait for the next change, not for the next moment."""
    monkeypatch.setattr(bridge, "_AT_ONCE", 2)
    desk.shelf.store.set_quota(desk.mail.id, 1)
    for number in range(5):
        desk.put(f"{number}.ics", f"N{number}", "text")
    desk.settle()
    assert not desk.bridge().look(desk.mail.id)
    desk.shelf.store.set_quota(desk.mail.id, 0)
    desk.settle()
    assert len(desk.letters()) == 5


def test_a_change_costs_the_same_in_a_large_folder(desk, monkeypatch):
    """Counted in statements and rows."""
    counted = []
    for name in ("execute", "first", "all"):
        real = getattr(Cursor, name)

        def counting(self, *given, real=real):
            told = real(self, *given)
            counted.append(len(told) if isinstance(told, list) else 1)
            return told

        monkeypatch.setattr(Cursor, name, counting)

    def cost(number):
        [(uid, key, _)] = [each for each in desk.letters() if each[2].title == "First"]
        counted.clear()
        desk.append(apple(key, "First", f"changed {number}"))
        desk.expunge(uid)
        desk.settle()
        return sum(counted)

    desk.append(apple(KEY, "First", "text"))
    desk.settle()
    few = cost(1)
    for number in range(150):
        desk.append(apple(f"E31ABFC8-93F5-4BD7-9BA9-{number:012d}", f"N{number}", "text"))
    desk.settle()
    assert len(desk.journals()) == 151
    assert cost(2) <= few + 5
