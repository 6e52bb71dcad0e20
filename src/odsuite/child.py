"""One child process of the supervisor: started, watched by its pidfd, started again with growing pauses."""

import os
import signal
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
import structlog
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReadDescriptor
from zope.interface import implementer

from odcore import clock

log = structlog.get_logger()

_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 30.0)
_HEALTHY = 30.0  # seconds of life after which the next pause is the shortest again
_NOT_YET = 0.05  # seconds until a process that cannot begin now is tried again


class Running(Protocol):
    """A process that this one may wait for."""

    @property
    def pid(self) -> int:
        """Its number."""

    def send_signal(self, number: int, /) -> None:
        """To it."""

    def wait(self) -> int:
        """Until it has ended; the exit code."""


class Program(msgspec.Struct, frozen=True):
    """What to run. `order` sorts the end: the lowest stops first.

    `begin` raises ConnectionError or TimeoutError where what it needs is not there yet, another OSError where it fails.
    """

    name: str
    begin: Callable[[], Running]
    order: int = 0


class Watcher(Protocol):
    """Who is told of a child's turns."""

    def started(self, child: "Child") -> None:
        """A new process runs."""

    def died(self, child: "Child", pid: int) -> None:
        """It ended without having been asked to; another will start after a pause."""


class Child:
    """A program that shall run until `stop`."""

    def __init__(self, reactor: Any, program: Program, watcher: Watcher) -> None:
        self.program = program
        self.ready = False
        self.restarts = 0
        self.pid = 0
        self._reactor = reactor
        self._watcher = watcher
        self._process: Running | None = None
        self._started = 0.0
        self._failures = 0
        self._again: Any = None
        self._ended: Deferred[None] | None = None

    @property
    def name(self) -> str:
        """For logs and /healthz."""
        return self.program.name

    def start(self) -> None:
        """Run it now."""
        self._again = None
        try:
            self._process = self.program.begin()
        except (ConnectionError, TimeoutError):
            self._again = self._reactor.callLater(_NOT_YET, self.start)
            return
        except OSError as fault:
            pause = self._next_pause()
            log.error("process-cannot-start", name=self.name, reason=str(fault), again_in=f"{pause}s")
            self._again = self._reactor.callLater(pause, self.start)
            return
        self.pid = self._process.pid
        self._started = clock.monotonic()
        self._reactor.addReader(_Ending(os.pidfd_open(self.pid), self._reactor, self._exited))
        log.info("process-started", name=self.name, pid=self.pid)
        self._watcher.started(self)

    def signal(self, number: int) -> None:
        """Nothing happens where none runs."""
        if self._process is not None:
            self._process.send_signal(number)

    def stop(self, grace: float) -> Deferred[None]:
        """SIGTERM, and after `grace` seconds SIGKILL; done when it is gone."""
        self._ended = Deferred()
        if self._again is not None:
            self._again.cancel()
        if self._process is None:
            self._ended.callback(None)
            return self._ended
        self.signal(signal.SIGTERM)
        killing = self._reactor.callLater(grace, self.signal, signal.SIGKILL)
        return self._ended.addCallback(lambda _: killing.cancel() if killing.active() else None)

    def _exited(self) -> None:
        assert self._process is not None
        code = self._process.wait()
        pid, self._process, self.ready, self.pid = self.pid, None, False, 0
        if self._ended is not None:
            log.info("process-ended", name=self.name)
            self._ended.callback(None)
            return
        lived = clock.monotonic() - self._started
        self._failures = 0 if lived > _HEALTHY or code == 0 else self._failures
        pause = self._next_pause()
        self.restarts += 1
        tell = log.info if code == 0 else log.warning  # 0: it wants to be started afresh
        tell("process-died", name=self.name, code=code, again_in=f"{pause}s")
        self._again = self._reactor.callLater(pause, self.start)
        self._watcher.died(self, pid)

    def _next_pause(self) -> float:
        """Seconds, longer with each failure in a row."""
        pause = _PAUSES[min(self._failures, len(_PAUSES) - 1)]
        self._failures += 1
        return pause


@implementer(IReadDescriptor)
class _Ending:
    """A pidfd becomes readable when its process has ended."""

    def __init__(self, descriptor: int, reactor: Any, ended: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._reactor = reactor
        self._ended = ended

    def fileno(self) -> int:
        return self._descriptor

    def logPrefix(self) -> str:
        return "pidfd"

    def doRead(self) -> None:
        self._reactor.removeReader(self)
        os.close(self._descriptor)
        self._ended()

    def connectionLost(self, reason: object) -> None:
        """The reactor is going; nothing to do."""
