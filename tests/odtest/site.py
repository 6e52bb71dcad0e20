"""A web server on loopback that says one thing to one client, over TLS."""

import socket
import ssl
import threading
from pathlib import Path

from odsuite import certs


class Site:
    """A web server that says one thing; `drip`: octet by octet, without end."""

    def __init__(self, folder: Path, answer: bytes, name: str = "mta-sts.peer.example", drip: bool = False) -> None:
        self.authority = certs.ensure(folder, [name])
        self.asked: list[bytes] = []
        self._answer, self._drip = answer, drip
        self._stopped = threading.Event()
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(folder / "server.pem", folder / "server.key")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        try:
            plain, _ = self._listener.accept()
            with self._tls.wrap_socket(plain, server_side=True) as connection:
                self.asked.append(connection.recv(4096))
                connection.sendall(self._answer)
                while self._drip and not self._stopped.wait(0.02):
                    connection.sendall(b"x")
                connection.unwrap()
        except OSError:
            return

    def close(self) -> None:
        self._listener.close()
        self._stopped.set()
