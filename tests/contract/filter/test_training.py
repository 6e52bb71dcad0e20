"""Moving mail into Junk and out of it teaches: the account, the site, once, and the other way round."""

import pytest

from odcore import clock
from odmail.filter import bayes, tokens
from odmail.filter.memory import Memory
from odmail.filter.personal import Personal
from odmail.filter.training import Training
from odmail.mailbox.api import Expunge, Fetch, StoreFlags, Transfer
from odmail.mailbox.model import Flag, Need
from odmail.message.parse import parse
from odmail.queue.verdict import Action, Finding, Verdict
from odtest.store import ALICE, BOB, Shelf, put

HOST = "mail.odisha.example"
EVERY = [(1, 2**32 - 1)]
CLEAN, JUNK = Verdict((), 0.0), Verdict((), 6.0, junk=True)


class World:
    def __init__(self, folder) -> None:
        self.shelf = Shelf(folder / "accounts")
        self.memory = Memory(folder / "filter")
        self.training = Training(self.memory, self.shelf.store, (), HOST)
        self.sent = 0

    def put(
        self, account, text: str, mailbox="INBOX", *, flag="NO", author="x@peer.example", seen=False, age=3600
    ) -> int:
        self.sent += 1
        results = (
            f"Authentication-Results: {HOST};\r\n\tspf=pass smtp.mailfrom={author};\r\n\tdmarc=pass header.from=x\r\n"
        )
        spam = f"{results}X-Spam-Flag: {flag}\r\n" if flag else ""
        octets = f"{spam}From: {author}\r\nMessage-ID: <{self.sent}@x>\r\n\r\n{text}\r\n".encode()
        flags, received = Flag.SEEN if seen else 0, clock.timestamp() - age
        return put(self.shelf.open(account), octets, to=mailbox, flags=flags, received=received).uids[0]

    def move(self, account, uids, source: str, target: str) -> None:
        opened = self.shelf.open(account)
        opened.move(Transfer(opened.mailbox(source).id, [(uid, uid) for uid in uids], target))

    def learn(self) -> None:
        for hint in self.shelf.hints:
            self.training.note(hint)
        self.shelf.hints.clear()
        while self.training.step():
            pass
        self.memory._sizes.clear()

    def count(self, account, word: str) -> tuple[int, int]:
        hashed = tokens.hashed(word)
        return self.memory.counts(account, [hashed]).features.get(hashed, (0, 0))

    def is_junk(self, account, text: str, verdict=CLEAN, author="x@peer.example", aligned=True) -> bool:
        dmarc = "dmarc=pass" if aligned else "dmarc=fail"
        head = (
            f"Authentication-Results: {HOST};\r\n\tspf=pass smtp.mailfrom={author};\r\n\t{dmarc}\r\nFrom: {author}\r\n"
        )
        octets = f"{head}\r\n{text}\r\n".encode()
        personal = Personal(self.memory, 5.0, HOST)
        return personal.judge(account, verdict, parse(octets), lambda at, count: octets[at : at + count]).junk


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.memory.close()
    made.shelf.store.close()


def test_what_is_moved_into_junk_is_unwanted_for_the_account_and_the_site(world):
    uid = world.put(ALICE, "lottery winner")
    world.learn()
    assert world.count(ALICE, "lottery") == (0, 0)
    world.move(ALICE, [uid], "INBOX", "Junk")
    world.learn()
    assert world.count(ALICE, "lottery") == world.count(None, "lottery") == (0, 1)
    assert world.count(BOB, "lottery") == (0, 0)
    world.learn()
    assert world.count(ALICE, "lottery") == (0, 1)


def test_what_arrives_in_junk_by_itself_teaches_nothing_until_it_is_moved_out(world):
    uid = world.put(ALICE, "minutes attached", "Junk", flag="YES")
    world.learn()
    assert world.count(ALICE, "minutes") == (0, 0)
    world.move(ALICE, [uid], "Junk", "INBOX")
    world.learn()
    assert world.count(ALICE, "minutes") == world.count(None, "minutes") == (1, 0)


def test_moving_back_takes_the_lesson_back(world):
    uid = world.put(ALICE, "minutes attached")
    world.move(ALICE, [uid], "INBOX", "Junk")
    world.learn()
    assert world.count(ALICE, "minutes") == (0, 1)
    world.move(ALICE, [1], "Junk", "Archive")
    world.learn()
    assert world.count(ALICE, "minutes") == world.count(None, "minutes") == (1, 0)


def test_what_a_script_or_the_account_itself_put_into_junk_is_no_lesson(world):
    world.put(ALICE, "lottery", "Junk", age=0)
    world.learn()
    assert world.count(ALICE, "lottery") == (0, 0)
    world.move(ALICE, [1], "Junk", "INBOX")
    world.learn()
    assert world.count(ALICE, "lottery") == (1, 0)


@pytest.mark.parametrize("how", ["expunge", "trash"])
def test_deleting_junk_teaches_nothing(world, how):
    world.put(ALICE, "lottery", "Junk", flag="YES")
    world.learn()
    if how == "trash":
        world.move(ALICE, [1], "Junk", "Trash")
    else:
        opened = world.shelf.open(ALICE)
        box = opened.mailbox("Junk").id
        opened.store(StoreFlags(box, EVERY, "add", Flag.DELETED))
        opened.expunge(Expunge(box))
    world.learn()
    assert world.count(ALICE, "lottery") == (0, 0)


def test_mail_between_colleagues_teaches_the_account_but_not_the_site(world):
    uid = world.put(ALICE, "reminder again", flag="")
    world.move(ALICE, [uid], "INBOX", "Junk")
    world.learn()
    assert world.count(ALICE, "reminder") == (0, 1)
    assert world.count(None, "reminder") == (0, 0)


def test_each_lesson_about_unwanted_mail_comes_with_one_about_mail_that_was_read_and_kept(world):
    world.put(ALICE, "district review", seen=True)
    world.put(ALICE, "not yet read")
    uids = [world.put(ALICE, "lottery") for _ in range(2)]
    world.move(ALICE, uids, "INBOX", "Junk")
    world.learn()
    assert world.count(ALICE, "district") == (1, 0)
    assert world.count(ALICE, "yet") == (0, 0)
    assert world.memory.size(ALICE) == (1, 2)


def test_thousands_at_once_are_learned_piece_by_piece(world):
    for _ in range(250):
        world.put(ALICE, "lottery")
    opened = world.shelf.open(ALICE)
    opened.move(Transfer(opened.mailbox("INBOX").id, EVERY, "Junk"))
    world.learn()
    assert world.count(ALICE, "lottery") == (0, 250)


def test_a_lost_hint_delays_a_lesson_and_loses_none(world):
    uid = world.put(ALICE, "lottery")
    world.move(ALICE, [uid], "INBOX", "Junk")
    world.shelf.hints.clear()
    world.put(ALICE, "another", "Junk")
    world.learn()
    assert world.count(ALICE, "lottery") == (0, 1)


def test_an_account_without_junk_learns_nothing_and_breaks_nothing(world):
    world.put(ALICE, "x")
    world.shelf.open(ALICE).delete("Junk")
    world.learn()
    assert world.memory.size(ALICE) == (0, 0)


def teach(world, account=ALICE) -> None:
    for number in range(bayes.LEAST + 2):
        world.put(account, f"district review minutes {number}", seen=True, author="clerk@puri.example")
        uid = world.put(account, f"lottery winner claim prize {number}", author="win@lottery.example")
        world.move(account, [uid], "INBOX", "Junk")
        world.learn()


def test_what_one_account_learned_decides_for_it_alone(world):
    teach(world)
    text = "you are the winner of a lottery claim the prize now"
    assert world.is_junk(ALICE, text, Verdict((Finding("spf", "softfail", score=1.0),), 1.0), author="a@b.example")
    assert not world.is_junk(BOB, text, Verdict((Finding("spf", "softfail", score=1.0),), 1.0), author="a@b.example")
    assert not world.is_junk(ALICE, "minutes of the review in the district", author="a@b.example")


def test_a_sender_taken_out_of_junk_once_is_let_through_if_somebody_vouches(world):
    uid = world.put(ALICE, "newsletter", "Junk", flag="YES", author="news@paper.example")
    world.learn()
    world.move(ALICE, [uid], "Junk", "INBOX")
    world.learn()
    assert not world.is_junk(ALICE, "anything", JUNK, author="news@paper.example")
    assert world.is_junk(ALICE, "anything", JUNK, author="news@paper.example", aligned=False)
    assert world.is_junk(ALICE, "anything", JUNK, author="other@paper.example")
    assert world.is_junk(BOB, "anything", JUNK, author="news@paper.example")
    quarantined = Verdict((Finding("dmarc", "fail", action=Action.JUNK),), 1.0, junk=True)
    assert world.is_junk(ALICE, "anything", quarantined, author="news@paper.example")


def test_training_leaves_the_mail_alone(world):
    uid = world.put(ALICE, "lottery")
    world.move(ALICE, [uid], "INBOX", "Junk")
    opened = world.shelf.open(ALICE)
    before = opened.mailbox("Junk")
    world.learn()
    assert opened.mailbox("Junk") == before
    assert next(iter(opened.fetch(Fetch(before.id, EVERY, Need(0))))).flags == 0
