"""Structured log lines: one readable line per event on a terminal, JSON for production; no secret, no forged line."""

import logging
import os
import re
import sys
from collections.abc import Callable, MutableMapping
from functools import lru_cache, partial
from threading import Lock
from typing import Any, TextIO

import msgspec
import structlog

from odcore import clock

Event = MutableMapping[str, Any]

_SECRET = re.compile(r"(?i)passw|secret|token|authoriz|cookie|credential|private_key|^auth$|^pin$")

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")

_COLORS = {"warning": "\x1b[33m", "error": "\x1b[31m", "critical": "\x1b[31m", "debug": "\x1b[2m"}

_PLAIN = re.compile(r"^[^\s\"'=]+$")


def configure(
    process: str,
    *,
    style: str = "console",
    level: str = "info",
    stream: TextIO | None = None,
    count: Callable[[str, str], None] | None = None,
) -> None:
    """Once a process, at its start. `style` is "console" or "json"; `count(event, level)` is told of every line."""
    out = stream or sys.stderr
    floor = logging.getLevelNamesMapping()[level.upper()]
    writer = _Writer(out)
    render = json_line if style == "json" else _Console(out.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _Stamp(process, count),
            structlog.processors.format_exc_info,
            redact,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(floor),
        logger_factory=lambda *_: writer,
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(floor, logging.WARNING), handlers=[_Bridge()], force=True)


def escape(text: str) -> str:
    """`text` without anything that could end a line, color a terminal or reverse its reading order."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(lambda match: repr(match[0])[1:-1] if match[0] != "\x1b" else "\\x1b", text)


def redact(_logger: object, _method: str, event: Event) -> Event:
    """Values whose names smell of secrets do not reach a line."""
    for key in event:
        if key != "event" and _smells(key):
            event[key] = "[redacted]"
    return event


@lru_cache(1024)
def _smells(key: str) -> bool:
    return _SECRET.search(key) is not None


def json_line(_logger: object, _method: str, event: Event) -> str:
    """One JSON object a line; the encoder escapes what would end it."""
    return msgspec.json.encode({key: _plain(value) for key, value in event.items()}).decode()


class _Writer:
    """A line at a time, in one piece. A log that cannot be written stops no work; later it says what is missing."""

    def __init__(self, out: TextIO) -> None:
        self._write = _raw(out)
        self._lost = 0
        self._broken = False  # a part of a line was written
        self._lock = Lock()

    def msg(self, line: str) -> None:
        """Write it at once."""
        with self._lock:
            octets = b"\n" * self._broken + line.encode("utf-8", "backslashreplace") + b"\n"
            try:
                written = self._write(octets)
            except (OSError, ValueError):  # the disk is full, the reader of the pipe is gone, or the file was closed
                written = 0
            if written < len(octets):
                self._broken = self._broken if written == 0 else True
                self._lost += 1
                return
            lost, self._lost, self._broken = self._lost, 0, False
        if lost:
            structlog.get_logger().warning("log_lines_lost", lines=lost)

    debug = info = warning = error = critical = exception = log = msg


def _raw(out: TextIO) -> Callable[[bytes], int]:
    """Past the buffers, which would keep what could not be written and put it into the middle of later lines."""
    try:
        return partial(os.write, out.fileno())
    except (OSError, AttributeError):  # it is no file

        def write(octets: bytes) -> int:
            out.write(octets.decode())
            return len(octets)

        return write


class _Stamp:
    """Adds when and which process, and counts."""

    def __init__(self, process: str, count: Callable[[str, str], None] | None) -> None:
        self._process = process
        self._count = count

    def __call__(self, _logger: object, _method: str, event: Event) -> Event:
        event["at"] = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        event["process"] = self._process
        if self._count is not None:
            self._count(str(event["event"]), event["level"])
        return event


class _Console:
    """`10:41:07 mail-1 delivered  account=… uid=12`; a stack follows, each line indented behind a bar."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def __call__(self, _logger: object, _method: str, event: Event) -> str:
        level = event.pop("level")
        stack = event.pop("exception", "")
        head = f"{event.pop('at')[11:19]} {event.pop('process'):<10} {escape(str(event.pop('event')))}"
        facts = " ".join(f"{key}={_quote(value)}" for key, value in event.items())
        line = f"{head:<44} {facts}" if facts else head
        if level in ("warning", "error", "critical"):
            line = f"{line}  [{level}]"
        if self._color and level in _COLORS:
            line = f"{_COLORS[level]}{line}\x1b[0m"
        return "\n".join([line, *(f"    | {escape(row)}" for row in stack.splitlines())])


class _Bridge(logging.Handler):
    """What libraries say through the standard library's logging."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(record.levelno, "library", source=record.name, text=record.getMessage())


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    return escape(_text(value)) if not isinstance(value, tuple | list) else [_plain(each) for each in value]


def _text(value: object) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _quote(value: object) -> str:
    text = escape(_text(value))
    return text if _PLAIN.match(text) else '"' + text.replace('"', '\\"') + '"'
