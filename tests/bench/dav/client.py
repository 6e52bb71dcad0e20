"""One HTTP connection that is kept, and what is measured with it."""

import base64
import http.client
import socket
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import median
from threading import Barrier

HOST = "127.0.0.1"
_TRIES = 1000


@dataclass
class Site:
    """A running server and a folder or calendar in it."""

    name: str
    port: int
    path: str  # with a slash at the end
    tls: bool = False
    login: str = "bench"
    password: str = "secret"
    stop: Callable[[], None] = field(default=lambda: None)
    pids: Callable[[], list[int]] = list  # of all its processes
    fill: Callable[[dict[str, str]], None] | None = None  # a quicker way than one PUT after the other, if there is one


class Client:
    """Signed in, in every request, as WebDAV clients are."""

    def __init__(self, site: Site) -> None:
        self.site = site
        word = base64.b64encode(f"{site.login}:{site.password}".encode()).decode()
        self._given = {"Authorization": f"Basic {word}", "User-Agent": "bench"}
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, name: str = "", body: object = None, **headers: str) -> bytes:
        """The octets of a good answer, or an error that says what was wrong. Who is told to come back does."""
        for _ in range(_TRIES):
            status, octets = self.status(method, name, body, **headers)
            if status not in (423, 503):
                break
        if not 200 <= status < 300:
            raise RuntimeError(f"{self.site.name}: {method} {name}: {status} {octets[:300]!r}")
        return octets

    def status(self, method: str, name: str = "", body: object = None, **headers: str) -> tuple[int, bytes]:
        """Some servers close the connection after each answer: then the next request makes another."""
        given = {**self._given, **{key.replace("_", "-"): value for key, value in headers.items()}}
        connection = self._connection or self._connect()
        self._connection = connection
        connection.request(method, self.site.path + name, body, given)
        answer = connection.getresponse()
        octets = answer.read()
        if answer.will_close:
            self.close()
        return answer.status, octets

    def response(self, method: str, name: str) -> http.client.HTTPResponse:
        """Its octets are still to be read."""
        self._connection = self._connection or self._connect()
        self._connection.request(method, self.site.path + name, None, self._given)
        return self._connection.getresponse()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> http.client.HTTPConnection:
        if self.site.tls:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE  # made for this run
            made: http.client.HTTPConnection = http.client.HTTPSConnection(HOST, self.site.port, context=context)
        else:
            made = http.client.HTTPConnection(HOST, self.site.port)
        made.timeout = 120
        made.connect()
        # Without it, whoever writes an answer in small pieces is measured by our kernel's delayed acknowledgements.
        made.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return made


Work = Callable[[Client, int], object]
"""Called with a number that is another one each time."""


def alone(site: Site, work: Work, first: int, seconds: float, least: int = 3) -> tuple[float, int]:
    """Milliseconds of one, the median; and the number after the last."""
    client, took, number = Client(site), [], first
    client.ask("OPTIONS")
    until = time.perf_counter() + seconds
    while len(took) < least or time.perf_counter() < until:
        begun = time.perf_counter()
        work(client, number)
        took.append(time.perf_counter() - begun)
        number += 1
    client.close()
    return median(took) * 1000, number


def together(site: Site, work: Work, first: int, seconds: float, clients: int = 8) -> tuple[float, int]:
    """So many a second by all `clients`; and the number after the last."""
    ready = Barrier(clients)
    most = 1_000_000

    def one(index: int) -> tuple[int, float, float]:
        client, count = Client(site), 0
        client.ask("OPTIONS")
        ready.wait()
        begun = time.perf_counter()
        while not count or time.perf_counter() < begun + seconds:
            work(client, first + index + count * clients)
            count += 1
            if count > most:
                break
        client.close()
        return count, begun, time.perf_counter()

    with ThreadPoolExecutor(clients) as pool:
        done = list(pool.map(one, range(clients)))
    counts = [count for count, _, _ in done]
    took = max(end for _, _, end in done) - min(begun for _, begun, _ in done)
    return sum(counts) / took, first + clients * max(counts)
