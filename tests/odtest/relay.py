"""A door without TLS to a house that has none: for programs that skip what they test where there is TLS."""

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator

from odtest.daemon import Daemon


@contextlib.contextmanager
def relay(house: Daemon, change: Callable[[bytes], bytes] = bytes) -> Iterator[int]:
    """The port of HTTPS in the clear; `change` sees what is asked."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=_serve, args=(door, house, change), daemon=True).start()
        yield door.getsockname()[1]
        door.shutdown(socket.SHUT_RDWR)


def _serve(door: socket.socket, house: Daemon, change: Callable[[bytes], bytes]) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = door.accept()
            threading.Thread(target=_carry, args=(client, house, change), daemon=True).start()


def _carry(client: socket.socket, house: Daemon, change: Callable[[bytes], bytes]) -> None:
    """Until one of both ends it."""
    with (
        contextlib.suppress(OSError),
        client,
        socket.create_connection(("127.0.0.1", house.ports["https"])) as plain,
        house.tls().wrap_socket(plain, server_hostname="localhost") as server,
    ):
        while True:
            ready = [server] if server.pending() else select.select([client, server], [], [])[0]
            for each in ready:
                octets = each.recv(1 << 16)
                if not octets:
                    return
                (server.sendall(change(octets)) if each is client else client.sendall(octets))
