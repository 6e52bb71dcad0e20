"""Counters of a whole node for Prometheus: each process writes a memory-mapped file, the supervisor adds them up.

`prometheus_client` decides at import whether it works across processes; therefore the supervisor sets
`ENVIRONMENT` before it starts a process, and only processes of the suite import this module.
"""

from collections.abc import Iterable
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

ENVIRONMENT = "PROMETHEUS_MULTIPROC_DIR"

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
    _command(service, command, outcome).observe(seconds)


@lru_cache(1024)
def _command(service: str, command: str, outcome: str) -> Summary:
    return commands.labels(service, command, outcome)


def count_event(event: str, level: str) -> None:
    """For `odcore.log.configure`."""
    _counter(event, level).inc()


@lru_cache(1024)
def _counter(event: str, level: str) -> Counter:
    return events.labels(event, level)


def forget_process(pid: int, folder: str) -> None:
    """A process ended: its gauges no longer count, its counters still do."""
    mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]


def exposition(
    folder: str, processes: Iterable[tuple[str, bool, int]], certificates: Iterable[tuple[str, float]]
) -> bytes:
    """All metrics of all processes, in Prometheus' text format; `folder` is where the processes write.

    Of each process: name, is it ready, how often was it restarted. Of each certificate: path, days until it ends.
    """
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
