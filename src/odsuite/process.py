"""What every process of the suite has: log, reactor, bus, threads, TLS, and an orderly end."""

import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import structlog
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall
from twisted.logger import ILogObserver, LogEvent, LogLevel, globalLogBeginner
from zope.interface import provider

from odcore import log as lines
from odcore import metrics
from odcore.errors import Fault
from odcore.net.bus import BusClient
from odcore.net.hop import Hop
from odcore.net.reactor import process_reactor
from odcore.net.tls import KeyPair, ServerTls
from odsuite.settings import Settings, read

log = structlog.get_logger()

_TLS_LOOK = 5.0  # seconds between looks at the certificate files
_NUMBERS = 1.0  # seconds after which what was counted shows, at the latest


Start = Callable[["Process"], Coroutine[Any, Any, None]]
"""What a kind of process does at its start."""


class ProcessReady(msgspec.Struct, frozen=True, tag="ready"):
    """Told to the supervisor once a process serves."""

    name: str
    pid: int


class Process:
    """One running process; parts register what ends them with `at_stop`."""

    def __init__(self, name: str, settings: Settings, sockets: Sequence[tuple[str, int]] = ()) -> None:
        self.name = name
        self.settings = settings
        self.sockets = sockets  # service and descriptor of each inherited listening socket
        self.reactor: Any = process_reactor()
        self.bus = BusClient(self.reactor, settings.bus)
        self.hop = Hop(self.reactor, settings.process.threads)
        self.exit_code = 0
        self._endings: list[Callable[[], Awaitable[None] | None]] = []
        self._hang_ups: list[Callable[[], object]] = []
        self._stopping = False

    @cached_property
    def tls(self) -> ServerTls:
        """The server's certificates, watched."""
        return self._watched(None)

    @cached_property
    def people_tls(self) -> ServerTls:
        """The same for ports with TLS from the first octet where people sign in: their certificates count."""
        authorities = self.settings.tls.client_ca
        return self._watched(self.settings.root / authorities) if authorities else self.tls

    def _watched(self, client_ca: Path | None) -> ServerTls:
        tls = ServerTls([KeyPair(*pair) for pair in certificate_paths(self.settings)], client_ca)
        self.every(_TLS_LOOK, tls.reload)
        self.at_hang_up(tls.reload)
        return tls

    def at_stop(self, call: Callable[[], Awaitable[None] | None]) -> None:
        """What was registered last ends first."""
        self._endings.append(call)

    def at_hang_up(self, call: Callable[[], object]) -> None:
        """At SIGHUP."""
        self._hang_ups.append(call)

    def every(self, seconds: float, call: Callable[[], object]) -> None:
        """Until the process stops; a failing call is logged and comes again."""
        looping = LoopingCall(_forgiving(call))
        looping.clock = self.reactor
        looping.start(seconds, now=False)
        self.at_stop(lambda: looping.stop() if looping.running else None)

    def run(self, start: Start) -> int:
        """Until SIGTERM; the exit code."""
        signal.signal(signal.SIGTERM, self._signalled)
        signal.signal(signal.SIGINT, self._signalled)
        signal.signal(signal.SIGHUP, self._signalled)
        self.reactor.callWhenRunning(self.spawn, self._begin(start))
        self.reactor.run(installSignalHandlers=False)
        return self.exit_code

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine beside everything else; its bug is logged."""
        Deferred.fromCoroutine(work).addErrback(
            lambda failure: log.error("bug", exception=failure.getTraceback(), process=self.name)
        )

    def stop(self) -> None:
        """End in good order."""
        if not self._stopping:
            self._stopping = True
            self.spawn(self._end())

    async def _begin(self, start: Start) -> None:
        try:
            await start(self)
        except Exception as error:
            if isinstance(error, Fault):
                log.error("start-failed", reason=error.text)
            else:
                log.exception("start-failed")
            self.exit_code = 1
            self.stop()
            return
        self.every(_NUMBERS, metrics.flush)
        await self.bus.linked()
        self.bus.publish(ProcessReady(self.name, os.getpid()))
        gc.collect()
        gc.freeze()  # what lives from here on for good need not be looked at again

    async def _end(self) -> None:
        for call in reversed(self._endings):
            try:
                waiting = call()
                if waiting is not None:
                    await waiting
            except Exception:
                log.exception("stop-failed")
        self.hop.stop(self.settings.process.grace)
        self.reactor.stop()

    def _signalled(self, number: int, _frame: object) -> None:
        self.reactor.callFromThread(self._hang_up if number == signal.SIGHUP else self.stop)

    def _hang_up(self) -> None:
        for call in self._hang_ups:
            _forgiving(call)()


def prepare(name: str, settings: Settings) -> None:
    """Logging, ours and the libraries'."""
    lines.configure(name, style=settings.log.style, level=settings.log.level, count=metrics.count_event)
    globalLogBeginner.beginLoggingTo([_observe], redirectStandardIO=False, discardBuffer=True)


def certificate_paths(settings: Settings) -> list[tuple[Path, Path]]:
    """Certificate and key of each pair, the default first."""
    pairs = [(settings.tls.certificate, settings.tls.key), *settings.tls.extra]
    return [(settings.root / certificate, settings.root / key) for certificate, key in pairs]


@provider(ILogObserver)
def _observe(event: LogEvent) -> None:
    level = event.get("log_level", LogLevel.info)
    if level not in (LogLevel.error, LogLevel.critical):
        return
    failure = event.get("log_failure")
    log.error(
        "bug",
        source=event.get("log_namespace", "twisted"),
        text=str(event.get("log_format") or ""),
        exception=failure.getTraceback() if failure is not None else "",
    )


def _forgiving(call: Callable[[], object]) -> Callable[[], object]:
    def guarded() -> object:
        try:
            return call()
        except Exception:
            log.exception("timer-failed")
            return None

    return guarded


def run(start: Start, name: str, config: Path, sockets: Sequence[tuple[str, int]]) -> NoReturn:
    """As a child of the supervisor, with a descriptor for each service."""
    sys.exit(Process(name, prepared(name, config), sockets).run(start))


def prepared(name: str, config: Path) -> Settings:
    """A child's settings; logging is ready afterwards."""
    settings = read(config)
    prepare(name, settings)
    return settings
