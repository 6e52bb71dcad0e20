"""Lists: who may send to one, what its messages say of it, one body for all.  RFC 2369, RFC 2919"""

import email
import time
from pathlib import Path

import pytest

from odcore.errors import Fault, Kind
from odmail.delivery import listing
from odmail.mailbox.api import Expunge
from odmail.mailbox.scripts import PutScript
from odmail.queue.api import Accept
from odmail.queue.model import Envelope, Recipient
from odtest.filters import LETTER, another, post_room, sent
from odtest.postroom import BIBHU, COLLECTOR, MX, SASMITA, account, principal

ALL = "all@odisha.example"


@pytest.fixture
def room(tmp_path):
    made = post_room(tmp_path)
    made.town.aliases[ALL] = (SASMITA.address, BIBHU.address)
    yield made
    made.close()


def test_messages_of_a_list_say_so(room):
    """Programs can file them, and the owner is whom to ask."""
    room.town.owners[ALL] = COLLECTOR.address
    room.accept(b"Return-Path: <a@peer.example>\r\n" + LETTER, ALL)
    room.work()
    (octets,) = room.messages(BIBHU)
    message = email.message_from_bytes(octets)
    assert message["List-Id"] == "<all.odisha.example>"
    assert message["List-Post"] == f"<mailto:{ALL}>"
    assert message["List-Owner"] == f"<mailto:{COLLECTOR.address}>"
    for name, word in (("Help", "help"), ("Subscribe", "join"), ("Unsubscribe", "leave")):
        assert message[f"List-{name}"] == f"<mailto:{COLLECTOR.address}?subject={word}%20{ALL}>"
    assert message["Precedence"] == "list"
    assert octets.endswith(LETTER)


def test_an_alias_for_several_is_no_list(room):
    """Nothing is added."""
    room.town.plain.add(ALL)
    room.accept(LETTER, ALL)
    room.work()
    assert b"List-Id" not in room.messages(BIBHU)[0]


def test_what_another_list_wrote_stays(room):
    """One List-Id, that of the list the sender chose."""
    room.accept(b"List-Id: <other.peer.example>\r\n" + LETTER, ALL)
    room.work()
    assert room.messages(BIBHU)[0].count(b"List-Id") == 1


def test_a_message_comes_to_a_list_once(room):
    """What has its List-Id already goes around in a circle: its sender is told."""
    room.accept(b"List-Id: All of us <all.odisha.example>\r\n" + LETTER, ALL)
    room.work()
    assert room.messages(BIBHU) == []
    ((to, report),) = sent(room)
    assert to == "a@peer.example"
    assert "was sent to the list" in report.as_string()


def test_a_list_for_the_house_takes_nothing_from_outside(room):
    """Refused where the address is named, so that nobody gets a bounce."""
    room.mx.recipient(ALL, None)
    room.town.senders[ALL] = "inside"
    room.town.changed()
    with pytest.raises(Fault) as caught:
        room.mx.recipient(ALL, None)
    assert caught.value.kind is Kind.DENIED
    room.submission.recipient(ALL, principal(COLLECTOR))


def test_a_list_for_its_members_takes_theirs_only(room):
    """People and posts that are on it."""
    room.town.senders[ALL] = "members"
    room.submission.recipient(ALL, principal(SASMITA))
    with pytest.raises(Fault) as caught:
        room.submission.recipient(ALL, principal(COLLECTOR))
    assert caught.value.kind is Kind.DENIED


def test_a_list_of_one_is_as_strict(room):
    """One member is no reason to let everybody in."""
    room.town.aliases["one@odisha.example"] = (SASMITA.address,)
    room.town.owners["one@odisha.example"] = COLLECTOR.address
    room.town.senders["one@odisha.example"] = "inside"
    with pytest.raises(Fault):
        room.mx.recipient("one@odisha.example", None)


def test_nobody_on_leave_answers_a_list(room):
    """Its fields tell vacation so."""
    opened = room.store.open(SASMITA.id)
    opened.put_script(PutScript("m", 'require "vacation"; vacation "away";'))
    opened.activate_script("m")
    room.accept(LETTER, ALL)
    room.work()
    assert len(room.messages(SASMITA)) == 1
    assert sent(room) == []


def test_a_large_message_to_a_large_list_is_one_file(room, tmp_path):
    """However many members: one body, linked by all of them, and it takes no more memory for a thousand."""
    members = [account(1000 + number, f"officer{number}") for number in range(1000)]
    room.town.accounts |= {each.address: each for each in members}
    room.town.aliases["district@odisha.example"] = tuple(each.address for each in members)
    room.accept(LETTER, "district@odisha.example")
    room.work()  # mailboxes are born, caches filled
    incoming = room.queue.incoming()
    incoming.write(LETTER + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 150_000)
    envelope = Envelope("a@peer.example", (Recipient("district@odisha.example"),))
    room.queue.accept(Accept(envelope, MX, incoming.finish()))
    incoming.discard()
    before, began = anonymous_memory(), time.monotonic()
    room.work()
    print(f"10 MiB to {len(members)} mailboxes in {time.monotonic() - began:.1f} s")
    assert anonymous_memory() - before < 64 << 20
    blobs = [path for path in Path(tmp_path / "accounts").glob("*/*/blobs/*/*") if path.is_file()]
    assert len(blobs) == 1000
    assert len({path.stat().st_ino for path in blobs}) == 1
    assert room.queue.list() == []


def test_what_many_get_is_shared_from_a_few_kibibytes_on(room, tmp_path, monkeypatch):
    """One file where copies would take more; whoever deletes theirs takes it from nobody."""
    monkeypatch.setattr(listing, "_WORTH_SHARING", 20 << 10)
    room.accept(LETTER + b"x" * 998 + b"\r\n", ALL)  # too small to be worth a file
    large = another(LETTER) + (b"y" * 70 + b"\r\n") * 160
    room.accept(large, ALL)
    room.work()
    blobs = [path for path in Path(tmp_path / "accounts").glob("*/*/blobs/*/*") if path.is_file()]
    assert len(blobs) == 2
    assert len({path.stat().st_ino for path in blobs}) == 1
    opened = room.store.open(SASMITA.id)
    opened.expunge(Expunge(opened.mailbox("INBOX").id, marked=False))
    while opened.purge():
        pass
    assert room.messages(SASMITA) == []
    assert room.messages(BIBHU)[1].endswith(large)


def anonymous_memory() -> int:
    """Octets this process holds beside mapped files."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("RssAnon"))
