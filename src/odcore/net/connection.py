"""A TLS connection to a host that a stranger named: few addresses, a checked certificate, an end to all patience."""

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Timer

_CONNECT_SECONDS = 10.0
_MOST_ADDRESSES = 4


@contextmanager
def connected(
    host: str, addresses: Sequence[str], port: int, context: ssl.SSLContext, seconds: float
) -> Iterator[ssl.SSLSocket]:
    """For as long as the block lasts, and `seconds` at most. Raises OSError."""
    with _connect(addresses, port) as plain:
        tls = context.wrap_socket(
            plain, server_hostname=host, do_handshake_on_connect=False, suppress_ragged_eofs=False
        )
        with tls, _Limit(tls, seconds):
            tls.do_handshake()
            yield tls


def _connect(addresses: Sequence[str], port: int) -> socket.socket:
    last: OSError = OSError("it has no address")
    for address in addresses[:_MOST_ADDRESSES]:
        try:
            return socket.create_connection((address, port), _CONNECT_SECONDS)
        except OSError as error:
            last = error
    raise last


class _Limit:
    """Ends a conversation after a while, however the peer drips."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection = connection
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        with suppress(OSError):
            socket.socket.shutdown(self._connection, socket.SHUT_RDWR)  # below TLS, which may be waiting for the peer
