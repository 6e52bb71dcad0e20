"""Counters of a whole node for Prometheus: each process writes a memory-mapped file, the supervisor adds them up.

`prometheus_client` decides at import whether it works across processes; therefore the supervisor sets
`ENVIRONMENT` before it starts a process, and only processes of the suite import this module.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
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


def count_event(event: str, level: str) -> None:
    """For `odcore.log.configure`."""
    events.labels(event, level).inc()


def forget_process(pid: int, folder: str) -> None:
    """A process ended: its gauges no longer count, its counters still do."""
    mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]


def exposition(folder: str) -> bytes:
    """All metrics of all processes, in Prometheus' text format; `folder` is where the processes write."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    return bytes(generate_latest(registry))
