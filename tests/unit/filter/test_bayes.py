"""Words: cut right in every script, learned and unlearned, and kept within bounds."""

import time

import pytest

from odcore.ids import AccountId
from odmail.filter import bayes, tokens
from odmail.filter.memory import Memory
from odmail.filter.ops import features
from odmail.message.parse import parse

ANNA = AccountId("6c1c2a9e-0001-4a6e-9d3c-000000000001")


@pytest.fixture
def memory(tmp_path):
    made = Memory(tmp_path)
    yield made
    made.close()


def words(body: str, subject: str = "") -> frozenset[int]:
    block = f"Subject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
    octets = (block + "\r\n" + body).encode()
    return tokens.of_message(parse(octets).part, block.encode(), lambda at, count: octets[at : at + count])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Win money, NOW!", {"win", "money", "now"}),
        ("ଲଟେରୀ ଜିତନ୍ତୁ। ଆଜି", {"ଲଟେରୀ", "ଜିତନ୍ତୁ", "ଆଜି"}),
        ("लॉटरी जीतें। आज", {"लॉटरी", "जीतें", "आज"}),
        ("see https://evil.example/x?y", {"see", "https", "evil", "example", "link:evil.example"}),
    ],
)
def test_words_are_whole_in_every_script(body, expected):
    assert words(body) == frozenset(map(tokens.hashed, expected))


def test_a_script_without_spaces_is_cut_into_pairs():
    body = "免费获得奖金点击这里马上领取百万奖金不要错过机会立即注册"
    assert tokens.hashed("奖金") in words(body)


def test_words_of_a_huge_message_are_few_and_found_quickly():
    begun = time.process_time()
    assert len(words(" ".join(f"word{number}" for number in range(500_000)))) <= tokens.MOST
    assert time.process_time() - begun < 3.0


def teach(memory: Memory, wanted: str, unwanted: str, times: int = 20) -> None:
    for number in range(times):
        good, bad = words(f"{wanted} {number}"), words(f"{unwanted} {number}")
        memory.database.submit(lambda cursor, good=good: features.learn(cursor, 0, good, False, 1, 1))
        memory.database.submit(lambda cursor, bad=bad: features.learn(cursor, 0, bad, True, 1, 1))


def chance(memory: Memory, body: str) -> float:
    found = words(body)
    return bayes.chance(memory.counts(None, found), found)


def test_what_was_learned_decides_about_messages_like_it(memory):
    teach(memory, "please find the minutes of the district review meeting", "ଲଟେରୀ winner claim prize money urgent")
    assert chance(memory, "you are a winner claim your ଲଟେରୀ prize") > 0.99
    assert chance(memory, "the minutes of the review meeting in the district") < 0.05
    assert chance(memory, "something else entirely") == 0.5


def test_a_scope_that_has_learned_little_says_nothing(memory):
    teach(memory, "meeting", "prize", times=bayes.LEAST - 1)
    assert not memory.has_learned(None, bayes.LEAST)
    assert not memory.has_learned(ANNA, 1)


def test_what_is_unlearned_is_as_if_it_had_never_been(memory):
    teach(memory, "meeting", "prize")
    found = words("prize")
    before = memory.counts(None, found)
    memory.database.submit(lambda cursor: features.learn(cursor, 0, found, True, 1, 1))
    memory.database.submit(lambda cursor: features.learn(cursor, 0, found, True, -1, 1))
    assert memory.counts(None, found) == before
    for _ in range(100):
        memory.database.submit(lambda cursor: features.learn(cursor, 0, found, True, -1, 1))
    assert memory.counts(None, found).unwanted == 0


def test_storage_is_bounded_and_what_was_learned_long_ago_goes_first(memory, monkeypatch):
    monkeypatch.setattr(features, "MOST_SITE", 100)
    for day in range(4):
        found = range(1000 * day, 1000 * day + 60)
        memory.database.submit(lambda cursor, found=found, day=day: features.learn(cursor, 0, found, True, 1, day))
    memory.database.submit(lambda cursor: features.forget(cursor, 0))
    known = memory.counts(None, range(4000)).features
    assert len(known) <= 100
    assert set(range(3000, 3060)) <= set(known)


def test_a_sender_nobody_vouches_for_has_another_name(memory):
    assert bayes.names("a@b.example", (), aligned=True) != bayes.names("a@b.example", (), aligned=False)
    assert bayes.names("A@B.example", (), aligned=True) == bayes.names("a@b.example", (), aligned=True)
