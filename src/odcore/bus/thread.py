"""The bus for a process without a reactor: one thread holds the connection to the hub, sends and hears."""

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from odcore.bus.api import Message
from odcore.bus.frames import BadFrame, Reader, encode
from odcore.bus.subscribers import Subscribers

log = structlog.get_logger()

_RETRY = 1.0  # seconds
_STEP = 1 << 16


class ThreadBus:
    """`odcore.bus.api.Bus`. Subscribers are called in the bus's own thread: they only take notice."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._subscribers = Subscribers()
        self._sending = threading.Lock()
        self._connection: socket.socket | None = None
        self._ended = threading.Event()
        self._linked = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bus", daemon=True)

    def start(self, patience: float) -> None:
        """Returns once the first connection stands, or after `patience` seconds without one."""
        self._thread.start()
        self._linked.wait(patience)

    def stop(self) -> None:
        """Let go of the hub."""
        self._ended.set()
        self._drop()

    def publish(self, message: msgspec.Struct) -> None:
        """From any thread. Where no hub is, only this process hears it."""
        with self._sending:
            if self._connection is not None:
                with contextlib.suppress(OSError):
                    self._connection.sendall(encode(message))
        self._subscribers.deliver(message)

    def subscribe(self, kind: type[Message], call: Callable[[Message], None]) -> Callable[[], None]:
        """Before `start`."""
        return self._subscribers.add(kind, call)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._listen()
            except (OSError, BadFrame, UnicodeDecodeError) as error:
                log.debug("bus-lost", reason=str(error))
            self._drop()
            self._ended.wait(_RETRY)

    def _listen(self) -> None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(str(self._path))
        with self._sending:
            self._connection = connection
            connection.sendall(encode(self._subscribers.wanted))
        self._linked.set()
        reader = Reader()
        while data := connection.recv(_STEP):
            for tag, payload, _ in reader.feed(data):
                message = self._subscribers.decode(tag, payload)
                if message is not None:
                    self._subscribers.deliver(message)

    def _drop(self) -> None:
        with self._sending:
            connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
