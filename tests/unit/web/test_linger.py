"""What nobody read is read before the answer goes out, up to a bound, and by a few at a time."""

import io
import threading

import pytest

from odcore.web.linger import Lingering
from odtest.daemon import until


def refuses(_environ, _start_response):
    return [b"no"]


def refuses_after_a_look(environ, _start_response):
    environ["wsgi.input"].read(10)
    return [b"no"]


def left(body: io.BytesIO, app=refuses, **more) -> int:
    """Octets nobody took."""
    size = len(body.getbuffer())
    environ = {"CONTENT_LENGTH": str(size), "wsgi.input": body, **more}
    assert Lingering(app, 1)(environ, lambda *_: None) == [b"no"]
    return size - body.tell()


@pytest.mark.parametrize("app", [refuses, refuses_after_a_look])
def test_what_was_not_read_is_taken_in(app):
    assert left(io.BytesIO(b"x" * 1_000_000), app) == 0


def test_a_large_body_is_refused_at_once():
    assert left(io.BytesIO(b"x" * 17_000_000)) == 17_000_000


def test_a_body_of_unknown_length_is_taken_in_as_far_as_others():
    assert 0 < left(io.BytesIO(b"x" * 17_000_000), HTTP_TRANSFER_ENCODING="chunked") <= 1_000_000


@pytest.mark.parametrize(("app", "untaken"), [(refuses, 1000), (refuses_after_a_look, 0)])
def test_who_waits_to_be_told_to_send_is_not_told_to_send_what_nobody_wants(app, untaken):
    assert left(io.BytesIO(b"x" * 1000), app, HTTP_EXPECT="100-Continue") == untaken


def test_nothing_is_read_beyond_the_end():
    class Once:
        def read(self, _size):
            assert not self.ended
            self.ended = True
            return b"x" * 10

    once = Once()
    once.ended = False
    assert Lingering(refuses, 1)({"CONTENT_LENGTH": "10", "wsgi.input": once}, lambda *_: None) == [b"no"]


def test_those_who_send_nothing_hold_as_many_threads_as_are_set_apart():
    class Silent:
        def read(self, _size):
            go.wait(10)
            return b""

    go, app, answered = threading.Event(), Lingering(refuses, 3), []

    def ask():
        answered.append(app({"CONTENT_LENGTH": "10", "wsgi.input": Silent()}, lambda *_: None))

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    until(lambda: len(answered) == 7, "the others are answered")
    go.set()
    for thread in threads:
        thread.join()
    assert len(answered) == 10


def test_an_answer_waits_only_a_while_for_those_who_send_nothing():
    class Silent:
        def read(self, _size):
            go.wait(60)
            return b""

    go = threading.Event()
    assert Lingering(refuses, 1, 0.01)({"CONTENT_LENGTH": "10", "wsgi.input": Silent()}, lambda *_: None) == [b"no"]
    assert not go.is_set()
    go.set()
