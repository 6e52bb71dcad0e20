"""Ends connections on which nothing has come or gone for a time: a request in the middle of one holds a thread.

A sender who stops, a reader who takes nothing, a phone that lost its network: threads wait for them inside the server
under us, which knows no such bound and does not show us connections. The system knows when each last carried an octet.
"""

import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

log = structlog.get_logger()

LONGEST = 300.0
"""Seconds."""

_STEP = 10.0  # seconds between looks
_LAST = struct.Struct("=44xI4xI")  # of Linux's struct tcp_info: milliseconds since octets were sent, since some came


def watch(port: int, over: threading.Event) -> None:
    """The connections of this process to `port`, from now on, in a thread of its own, until `over`."""

    def run() -> None:
        while not over.wait(_STEP):
            count = end_silent(port, LONGEST)
            if count:
                log.info("silent_connections_ended", port=port, count=count)

    threading.Thread(target=run, name="silence", daemon=True).start()


def end_silent(port: int, longest: float) -> int:
    """How many there were."""
    count = 0
    for name in os.listdir("/proc/self/fd"):
        with _connection(int(name), port) as found:
            if found is not None and _silent(found) >= longest:
                found.shutdown(socket.SHUT_RDWR)
                count += 1
    return count


@contextmanager
def _connection(descriptor: int, port: int) -> Iterator[socket.socket | None]:
    """Lent from the server, which may close it at any time. No duplicate: closing a database's drops its locks."""
    try:
        found = socket.socket(fileno=descriptor)
    except OSError:  # closed by now, or no socket
        yield None
        return
    try:
        yield found if _is_ours(found, port) else None
    except OSError:  # ended meanwhile
        pass
    finally:
        found.detach()


def _is_ours(found: socket.socket, port: int) -> bool:
    if found.family not in (socket.AF_INET, socket.AF_INET6) or found.type != socket.SOCK_STREAM:
        return False
    listens = found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    return not listens and found.getsockname()[1] == port


def _silent(connection: socket.socket) -> float:
    """Seconds."""
    sent, came = _LAST.unpack(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST.size))
    return float(min(sent, came)) / 1000
