"""Counters of a whole node for Prometheus: each process writes a memory-mapped file, the supervisor adds them up.

`prometheus_client` decides at import whether it works across processes; therefore the supervisor sets
`ENVIRONMENT` before it starts a process, and only processes of the suite import this module.
"""

from collections import Counter as Counted
from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache
from threading import Lock
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from odcore import clock

Note = TypeVar("Note")

ENVIRONMENT = "PROMETHEUS_MULTIPROC_DIR"

_PAUSE = 1.0
"""Seconds between two writings."""

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

events = Counter("odmail_events", "Log events by their word", ["event", "level"])

calls = Histogram(
    "odmail_call_seconds",
    "Blocking calls on the thread pool, waiting included",
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
)

connections = Gauge("odmail_connections", "Open connections", ["service"], multiprocess_mode="livesum")


http = Histogram(
    "odmail_http_seconds",
    "Answers over HTTP, from the request's header to the answer's last octet",
    ["service", "method", "status"],
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 60.0),
)

_METHODS = frozenset(
    {
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "DELETE",
        "OPTIONS",
        "PATCH",
        "PROPFIND",
        "PROPPATCH",
        "REPORT",
        "MKCOL",
        "MKCALENDAR",
    }
    | {"COPY", "MOVE", "LOCK", "UNLOCK"}
)


def observe_http(service: str, method: str, status: str, seconds: float) -> None:
    """For `odcore.web.gateway`. A method that anybody made up does not become a label."""
    http.labels(service, method if method in _METHODS else "other", status).observe(seconds)


commands = Summary(
    "odmail_command_seconds",
    "Commands of mail clients from their last octet but content to the answer, by how they ended",
    ["service", "command", "outcome"],
)


def observe_command(service: str, command: str, outcome: str, seconds: float) -> None:
    """For the mail protocols; `command` and `outcome` come from closed lists."""
    _tally.note(_tally.commands, ((service, command, outcome), seconds))


def count_event(event: str, level: str) -> None:
    """For `odcore.log.configure`."""
    _tally.note(_tally.events, (event, level))


def flush() -> None:
    """Write down what was noted. Whoever notes does so once a second; call it besides, lest the last notes wait."""
    _tally.flush()


class _Tally:
    """Notes of what happens often: to write each into the mapped file would cost more than many a command."""

    def __init__(self) -> None:
        self.events: deque[tuple[str, str]] = deque()
        self.commands: deque[tuple[tuple[str, str, str], float]] = deque()
        self._lock = Lock()
        self._flushed = clock.monotonic()

    def note(self, notes: "deque[Note]", each: "Note") -> None:
        """From any thread."""
        notes.append(each)
        if clock.monotonic() - self._flushed > _PAUSE:
            self.flush()

    def flush(self) -> None:
        """From any thread."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._flushed = clock.monotonic()
            for (event, level), count in Counted(_taken(self.events)).items():
                _counter(event, level).inc(count)
            took: dict[tuple[str, str, str], list[float]] = {}
            for labels, seconds in _taken(self.commands):
                took.setdefault(labels, []).append(seconds)
            for labels, each in took.items():
                summary = _command(*labels)  # there is no public way to add many observations at once
                summary._count.inc(len(each))
                summary._sum.inc(sum(each))
        finally:
            self._lock.release()


def _taken(notes: "deque[Note]") -> "Iterator[Note]":
    for _ in range(len(notes)):
        yield notes.popleft()


@lru_cache(1024)
def _command(service: str, command: str, outcome: str) -> Summary:
    return commands.labels(service, command, outcome)


@lru_cache(1024)
def _counter(event: str, level: str) -> Counter:
    return events.labels(event, level)


_tally = _Tally()


def forget_process(pid: int, folder: str) -> None:
    """A process ended: its gauges no longer count, its counters still do."""
    mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]


def exposition(
    folder: str, processes: Iterable[tuple[str, bool, int]], certificates: Iterable[tuple[str, float]]
) -> bytes:
    """All metrics of all processes, in Prometheus' text format; `folder` is where the processes write.

    Of each process: name, is it ready, how often was it restarted. Of each certificate: path, days until it ends.
    """
    flush()
    registry = CollectorRegistry()
    up = Gauge("odmail_process_ready", "Does the process serve?", ["process"], registry=registry)
    restarts = Gauge("odmail_process_restarts", "How often it had to be started again", ["process"], registry=registry)
    for name, ready, count in processes:
        up.labels(name).set(ready)
        restarts.labels(name).set(count)
    expiry = Gauge("odmail_certificate_days", "Days until the certificate ends", ["certificate"], registry=registry)
    for path, days in certificates:
        expiry.labels(path).set(days)
    MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    return bytes(generate_latest(registry))
