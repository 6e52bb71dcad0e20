"""A web server on loopback, under a name and with a certificate of its own."""

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from odsuite import certs


class HttpsServer:
    """Requests go to `handler`; `authority` signed the certificate, `place` is HOST:PORT."""

    def __init__(self, folder, host, handler):
        self.authority = certs.ensure(folder, [host])
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(folder / "server.pem", folder / "server.key")
        self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        self.place = f"{host}:{self._http.server_address[1]}"

    def close(self):
        self._http.shutdown()
        self._http.server_close()


class Quiet(BaseHTTPRequestHandler):
    """Writes no log."""

    def log_message(self, *_):
        pass
