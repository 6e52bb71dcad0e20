"""granian in a process of ours: WSGI over HTTP/1.1 and 2 with TLS, on a listening socket that the supervisor holds.

granian's own launcher opens sockets and starts processes itself; ours does both already, for every service, so only
its worker is used. Its constructor is not a documented interface: the version is pinned and a test serves through it.
"""

import asyncio
import socket
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

from granian.http import HTTP1Settings, HTTP2Settings

from odcore.web.linger import Lingering
from odcore.web.mount import App
from odsuite import silence

_native: Any = import_module("granian._granian")
_wsgi: Any = import_module("granian.wsgi")
_futures: Any = import_module("granian._futures")

THREADS = 64
"""Requests that may be worked on at a time, slow uploads included."""

_BACKLOG = 1024
_HEADERS = 64 << 10  # octets


class HttpServer:
    """Serves until `stop`."""

    def __init__(self, app: App, certificate: Path, key: Path) -> None:
        self._app = Lingering(app, THREADS // 8)
        self._tls: tuple[Any, ...] = (True, str(certificate), str(key), None, "tls1.2", None, [], False)
        self._signal = _native.WorkerSignal()
        self._over = threading.Event()
        self._signal.add_cb(self._over.set)

    def run(self, descriptor: int) -> None:
        """In the main thread, on an inherited listening socket."""
        with socket.socket(fileno=descriptor) as inherited:
            inherited.setblocking(False)
            silence.watch(inherited.getsockname()[1], self._over)
            worker = _native.WSGIWorker(
                1,
                (None, _native.SocketHolder(inherited.fileno(), False, _BACKLOG)),
                None,
                1,  # threads of its runtime
                16,  # for its own file work
                THREADS,
                30,  # seconds an idle thread stays
                4 * THREADS,  # requests at a time, the waiting ones included
                "auto",
                HTTP1Settings(max_buffer_size=_HEADERS),
                HTTP2Settings(max_concurrent_streams=100, max_headers_size=_HEADERS),
                None,
                *self._tls,
                (None, None),
            )
            loop = asyncio.new_event_loop()  # its scheduler asks for one, and never runs it
            scheduler = _futures._new_cbscheduler(loop, _wsgi._callback_wrapper(self._app, {}), impl_asyncio=True)
            worker.serve_str(scheduler, loop, self._signal)
            self._over.wait()
            inherited.detach()

    def stop(self) -> None:
        """Finish what is under way, and return from `run`. From the main thread: from a signal's handler."""
        self._signal.set()
