"""The bus: frames in any split, delivery within a process, and between processes over a real socket."""

import socket
import subprocess
import sys
import textwrap
import threading

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from odcore.bus.api import DirectoryChanged, QueueWork, Wanted
from odcore.bus.client import Publisher
from odcore.bus.frames import MAX_FRAME, BadFrame, Reader, encode, tag_of
from odcore.bus.subscribers import Subscribers
from odcore.ids import AccountId

CHANGED = DirectoryChanged((AccountId("a"), AccountId("b")))


@given(st.lists(st.integers(min_value=1, max_value=40), max_size=60))
def test_frames_come_out_whole_however_the_stream_is_cut(cuts):
    stream = encode(CHANGED) + encode(QueueWork()) + encode(CHANGED)
    reader, found, at = Reader(), [], 0
    for cut in [*cuts, len(stream)]:
        found += list(reader.feed(stream[at : at + cut]))
        at += cut
    assert [tag for tag, _, _ in found] == ["directory", "queue", "directory"]
    assert b"".join(frame for _, _, frame in found) == stream
    assert msgspec.msgpack.decode(found[0][1], type=DirectoryChanged) == CHANGED


def test_a_frame_beyond_all_measure_is_refused_before_it_is_collected():
    with pytest.raises(BadFrame):
        list(Reader().feed((MAX_FRAME + 1).to_bytes(4, "big") + b"\x01"))


def test_a_message_without_a_tag_cannot_travel():
    class Untagged(msgspec.Struct):
        pass

    with pytest.raises(TypeError):
        tag_of(Untagged)


def test_subscribers_hear_their_kind_until_they_end():
    subscribers, heard = Subscribers(), []
    end = subscribers.add(DirectoryChanged, heard.append)
    subscribers.deliver(QueueWork())
    subscribers.deliver(CHANGED)
    end()
    subscribers.deliver(CHANGED)
    assert heard == [CHANGED]


def test_one_subscriber_with_a_bug_does_not_silence_the_next():
    subscribers, heard = Subscribers(), []

    def broken(message):
        raise RuntimeError

    subscribers.add(DirectoryChanged, broken)
    subscribers.add(DirectoryChanged, heard.append)
    subscribers.deliver(CHANGED)
    assert heard == [CHANGED]


def test_a_tag_nobody_asked_for_is_not_decoded_and_a_broken_message_is_dropped():
    subscribers = Subscribers()
    assert subscribers.decode("directory", b"\xff") is None
    subscribers.add(DirectoryChanged, lambda _: None)
    assert subscribers.decode("directory", b"\xff") is None


def test_publishing_without_a_running_suite_is_no_error(tmp_path):
    Publisher(tmp_path / "none.sock").publish(CHANGED)


def test_a_program_without_a_reactor_reaches_the_hub(tmp_path):
    path = tmp_path / "bus.sock"
    with socket.socket(socket.AF_UNIX) as hub:
        hub.bind(str(path))
        hub.listen()
        sender = threading.Thread(target=Publisher(path).publish, args=(CHANGED,))
        sender.start()
        connection, _ = hub.accept()
        with connection:
            received = b"".join(iter(lambda: connection.recv(1000), b""))
        sender.join()
    assert received == encode(CHANGED)


PEER = """
import sys
from pathlib import Path
from twisted.internet import reactor
from odcore.bus.api import DirectoryChanged, QueueWork, Wanted
from odcore.net.bus import BusClient, Hub

path, role = Path(sys.argv[1]), sys.argv[2]
if role == "hub":
    Hub(reactor, path).host()
bus = BusClient(reactor, path)

def show(changed):
    print(role, *changed.ids, flush=True)
    if "end" in changed.ids:
        reactor.callLater(0, reactor.stop)

bus.subscribe(DirectoryChanged, show)
bus.linked().addCallback(lambda _: print(role, "linked", flush=True))
reactor.callInThread(lambda: [bus.publish(DirectoryChanged((line.strip(),))) for line in sys.stdin])
reactor.run()
"""


class Peer:
    """A process on the bus; what is written to it, it publishes; what it hears, it prints."""

    def __init__(self, path, role):
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(PEER), str(path), role],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def say(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def hears(self):
        return self.process.stdout.readline().split()

    def end(self):
        self.process.kill()
        self.process.communicate()


def test_every_process_hears_the_others_and_itself_and_links_again_to_a_new_hub(tmp_path):
    path = tmp_path / "bus.sock"
    hub = Peer(path, "hub")
    assert hub.hears() == ["hub", "linked"]
    one, two = Peer(path, "one"), Peer(path, "two")
    peers = [hub, one, two]
    try:
        assert one.hears() == ["one", "linked"]
        assert two.hears() == ["two", "linked"]
        one.say("first")
        assert [peer.hears()[1] for peer in peers] == ["first"] * 3
        hub.end()
        hub = peers[0] = Peer(path, "hub")
        assert hub.hears() == ["hub", "linked"]
        heard_by_two: list[str] = []
        listening = threading.Thread(target=lambda: heard_by_two.extend(two.hears()))
        listening.start()
        for _ in range(100):  # until both have linked again; each try is answered to `one` itself at once
            one.say("again")
            one.hears()
            listening.join(0.1)
            if heard_by_two:
                break
        assert heard_by_two == ["two", "again"]
    finally:
        for peer in peers:
            peer.end()


def test_who_says_what_it_wants_hears_nothing_else(tmp_path):
    path = tmp_path / "bus.sock"
    hub = Peer(path, "hub")
    try:
        assert hub.hears() == ["hub", "linked"]
        with socket.socket(socket.AF_UNIX) as choosy, socket.socket(socket.AF_UNIX) as other:
            for each in (choosy, other):
                each.settimeout(30)
                each.connect(str(path))
            choosy.sendall(encode(Wanted(frozenset({"queue"}))) + encode(CHANGED))
            assert other.recv(1000) == encode(CHANGED)  # so the wish has been heard, too
            other.sendall(encode(CHANGED) + encode(QueueWork()))
            assert choosy.recv(1000) == encode(QueueWork())
    finally:
        hub.end()
