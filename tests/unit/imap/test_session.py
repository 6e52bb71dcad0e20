"""The session when things go wrong: a bug, a vanished mailbox, a client that leaves in the middle of work."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from odcore.disk import Space
from odcore.later import Later
from odtest.dialog import Client
from odtest.house import PASSWORD, SASMITA, TestHouse, letter


@pytest.fixture
def world(tmp_path: Path) -> Iterator[TestHouse]:
    made = TestHouse(tmp_path)
    yield made
    made.store.close()


def signed_in(world: TestHouse) -> Client:
    client = Client(world, True, False)
    client.command(b'LOGIN sasmita.nayak "%b"\r\n' % PASSWORD.encode())
    client.collect()
    client.fresh()
    return client


def say(client: Client, line: bytes) -> list[str]:
    client.fresh()
    client.command(line + b"\r\n")
    client.collect()
    return client.answers


def test_a_bug_is_answered_and_the_session_lives(world: TestHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a reference and without a word of what happened."""
    client = signed_in(world)

    def broken(self, name, reader=""):
        raise ZeroDivisionError("secret detail")

    with monkeypatch.context() as patched:
        patched.setattr(type(client.session.home), "mailbox", broken)
        (answer,) = say(client, b"STATUS INBOX (MESSAGES)")
    assert answer.startswith("NO [SERVERBUG] Internal error, reference ")
    assert "secret" not in answer
    assert say(client, b"STATUS INBOX (MESSAGES)")[-1].startswith("OK")


def test_a_bug_in_an_upload_does_not_lose_the_stream(world: TestHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of the message is read and forgotten, and the next command is a command."""
    client = signed_in(world)

    def broken(self):
        raise OSError("something nobody thought of")

    with monkeypatch.context() as patched:
        patched.setattr(type(client.session.home), "incoming", broken)
        octets = letter(1) + b"x" * 200_000
        answers = say(client, b"APPEND INBOX {%d+}\r\n%b\r\nnext NOOP" % (len(octets), octets))
    assert answers[0].startswith("NO [SERVERBUG]")
    assert answers[1] == "next OK NOOP completed"


def test_a_full_disk_is_told_as_such(world: TestHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """P17: NO [LIMIT], nothing half-written stays, and what is there can be read."""
    world.put(SASMITA.id, "INBOX", letter(1))
    client = signed_in(world)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    octets = letter(2) + b"x" * 200_000
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        answers = say(client, b"APPEND INBOX {%d+}\r\n%b" % (len(octets), octets))
    assert answers == ["NO [LIMIT] The disk is full, try again later."]
    assert not list(world.store.open(SASMITA.id).blobs.root.glob("tmp/*"))
    assert say(client, b"STATUS INBOX (MESSAGES)")[0] == "* STATUS INBOX (MESSAGES 1)"
    assert say(client, b"APPEND INBOX {%d+}\r\n%b" % (len(octets), octets))[-1].startswith("OK [APPENDUID")


def test_a_nearly_full_disk_takes_no_messages_and_still_gives_them(world: TestHouse, tmp_path: Path) -> None:
    """P17: refused before the go-ahead."""
    world.put(SASMITA.id, "INBOX", letter(1))
    world.house = msgspec.structs.replace(world.house, check_space=Space(tmp_path, 1 << 62).check)
    client = signed_in(world)
    assert say(client, b"APPEND INBOX {100}") == ["NO [LIMIT] Not enough space on the disk, try again later."]
    assert say(client, b"SELECT INBOX")[-1].startswith("OK")
    assert "Letter 1" in "".join(say(client, b"FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]"))


def test_a_client_that_leaves_during_work_is_let_go_quietly(world: TestHouse) -> None:
    """What was begun is finished; nothing is written to nobody."""
    pending: list[tuple[Later, object]] = []

    def call_later(function, /, *args):
        pending.append((Later(), lambda: function(*args)))
        return pending[-1][0]

    world.put(SASMITA.id, "INBOX", letter(1))
    client = signed_in(world)
    client.session.house = msgspec.structs.replace(world.house, call=call_later)
    client.command(b"SELECT INBOX\r\n")
    client.session.lost()
    client.closed = True
    while pending:
        later, work = pending.pop(0)
        later.set(work())
    assert not world.watch._listeners


def test_memory_of_what_was_said_is_given_back(world: TestHouse) -> None:
    """After a command of a megabyte the framer holds nothing."""
    client = signed_in(world)
    say(client, b"SEARCH" + b" SUBJECT {90000+}\r\n" + b"x" * 90_000)
    framer = client.session._intake.framer
    assert framer.waiting == 0
    assert framer._buffer.__sizeof__() < 1000
