"""A connection on which nothing moves is ended; one that is used, one to elsewhere and the listening one are not."""

import os
import socket
from contextlib import ExitStack

from odsuite.silence import end_silent
from odtest.daemon import until


def test_only_silent_connections_to_the_port_are_ended():
    with ExitStack() as held:
        listening, other = (held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2))
        port = listening.getsockname()[1]
        client, elsewhere = (
            held.enter_context(socket.create_connection(each.getsockname())) for each in (listening, other)
        )
        served, there = (held.enter_context(each.accept()[0]) for each in (listening, other))
        before = len(os.listdir("/proc/self/fd"))
        assert end_silent(port, 60) == 0
        client.sendall(b"x")
        assert served.recv(1) == b"x"
        until(lambda: end_silent(port, 0.05) == 1, "it has been silent for long enough")
        assert client.recv(1) == served.recv(1) == b""
        elsewhere.sendall(b"y")
        assert there.recv(1) == b"y"
        again = held.enter_context(socket.create_connection(listening.getsockname()))
        again.sendall(b"z")
        assert held.enter_context(listening.accept()[0]).recv(1) == b"z"
        assert len(os.listdir("/proc/self/fd")) == before + 2
