"""`odmail serve`: opens the listening sockets, starts the processes, restarts what dies, stops all in good order."""

import os
import resource
import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog
from twisted.internet.defer import DeferredList
from twisted.internet.task import deferLater

from odcore import metrics
from odcore.bus.api import DirectoryChanged
from odcore.directory.watch import Watch
from odcore.net.bus import Hub
from odcore.net.listen import adopt, open_sockets
from odsuite import addresses, certs, counters, nursery, preflight, process, roles, status
from odsuite.child import Child, Program
from odsuite.foundation import Foundation, slapd
from odsuite.process import Process, ProcessReady, Start
from odsuite.settings import Settings

log = structlog.get_logger()

_SUITE = "suite"
_DIRECTORY = "directory"
_NURSERY = "nursery"
_LOOK = 0.1  # seconds between probes of a process that does not tell by itself that it is ready
_LAST_GRACE = 5.0  # seconds beyond the workers' own grace


class Supervisor:
    """One node's processes."""

    def __init__(self, config: Path, settings: Settings, chosen: frozenset[str], announce: Start) -> None:
        self._config = config
        self._settings = settings
        self._roles = chosen
        self._announce = announce
        self._announced = False
        self._slapd = slapd(settings)
        self._children: list[Child] = []
        self._sockets: list[tuple[str, socket.socket]] = []
        self._status_sockets: list[socket.socket] = []
        self._addresses: dict[str, list[str]] = {}
        self._whole = False

    def run(self) -> int:
        """Until SIGTERM or Ctrl-C; the exit code."""
        preflight.make_folders(self._settings)
        preflight.lock_roles(self._settings, self._roles)
        os.environ[metrics.ENVIRONMENT] = str(counters.make_folder(self._counters))
        process.prepare(_SUITE, self._settings)
        preflight.check_certificates(self._settings, self._roles)
        self._open_sockets()
        if self._hosts_directory:
            self._slapd.prepare()
        _limits()
        nursery.adopt_orphans()
        own = Process(_SUITE, self._settings)
        Hub(own.reactor, self._settings.bus).host()
        code = own.run(self._start)
        counters.remove(self._counters)
        return code

    @property
    def _hosts_directory(self) -> bool:
        return "directory" in self._roles and not self._settings.directory.url

    @property
    def _counters(self) -> Path:
        return self._settings.root / "run" / f"metrics-{self._tag}"

    @property
    def _nursery(self) -> Path:
        """Its socket."""
        return self._settings.root / "run" / f"nursery-{self._tag}.sock"

    @property
    def _tag(self) -> str:
        """Supervisors of different roles may share a data folder."""
        return roles.tag(self._roles)

    async def _start(self, own: Process) -> None:
        self._own = own
        self._parts = Foundation(self._settings, own.bus.publish)
        own.at_stop(lambda: own.hop.call(self._parts.close))
        own.at_stop(self._stop)
        own.at_hang_up(self._hang_up)
        own.bus.subscribe(ProcessReady, self._mark_ready)
        await own.bus.linked()
        self._serve_status()
        self._tell_addresses()
        for program in self._programs():
            self._children.append(Child(own.reactor, program, self))
        for child in self._children:
            child.start()
        own.bus.subscribe(DirectoryChanged, lambda changed: self._parts.directory.changed(frozenset(changed.ids)))
        watch = Watch(self._parts.link, lambda ids: own.bus.publish(DirectoryChanged(tuple(ids))))
        watch.start()
        own.at_stop(watch.stop)

    def _open_sockets(self) -> None:
        for service, address in roles.addresses(self._roles, self._settings.listen):
            [opened] = open_sockets([address])
            self._sockets.append((service, opened))
            self._addresses.setdefault(service, []).append(_address(opened))
        self._status_sockets = open_sockets(self._settings.listen.status)
        self._addresses["status"] = [_address(opened) for opened in self._status_sockets]

    def _serve_status(self) -> None:
        for opened in self._status_sockets:
            port = adopt(self._own.reactor, opened.detach(), status.site(self.health, self._numbers))
            self._own.at_stop(port.stopListening)

    def _tell_addresses(self) -> None:
        addresses.write(self._settings, self._tag, self._addresses)

    def _programs(self) -> list[Program]:
        programs = [Program(_NURSERY, lambda: nursery.execute(nursery.argv(self._nursery)), order=3)]
        if self._hosts_directory:
            programs.append(Program(_DIRECTORY, lambda: nursery.execute(self._slapd.argv()), order=3))
        web = [each for each in self._sockets if each[0] in roles.WEB_SERVICES]
        mail = [each for each in self._sockets if each[0] not in roles.WEB_SERVICES]
        if mail:
            programs += [
                self._born("worker", f"mail-{number}", mail) for number in range(1, self._settings.workers + 1)
            ]
        programs += [  # each serves one socket
            self._born("web_worker", f"web-{number}", [one])
            for number, one in enumerate(web * self._settings.web_workers, 1)
        ]
        if any(service in roles.BOOK_SERVICES for service, _ in self._sockets):
            programs.append(self._born("book_worker", "book"))
        if "queue" in self._roles:
            programs.append(self._born("queue_worker", "queue", order=2))
        if "sink" in self._roles and self._settings.sink.listen:
            programs.append(self._born("sink", "sink", order=3))
        return programs

    def _born(
        self, module: str, name: str, sockets: Sequence[tuple[str, socket.socket]] = (), order: int = 1
    ) -> Program:
        birth = nursery.Birth(f"odsuite.{module}", name, str(self._config), tuple(service for service, _ in sockets))
        descriptors = tuple(opened.fileno() for _, opened in sockets)
        return Program(name, lambda: nursery.bear(self._nursery, birth, descriptors), order)

    def health(self) -> status.Health:
        """For /healthz."""
        processes = [
            status.ProcessHealth(child.name, child.pid, child.ready, child.restarts) for child in self._children
        ]
        return status.Health("ok" if all(each.ready for each in processes) else "starting", processes)

    def _numbers(self) -> bytes:
        own = [(child.name, child.ready, child.restarts) for child in self._children]
        days = [(str(path), certs.expiry_days(path)) for path, _ in process.certificate_paths(self._settings)]
        return metrics.exposition(str(self._counters), own, days)

    def started(self, child: Child) -> None:
        """slapd and the nursery do not say when they are ready: ask, at every start anew."""
        if child.name == _DIRECTORY:
            self._own.spawn(self._await(child, child.pid, self._slapd.ready))
        if child.name == _NURSERY:
            self._own.spawn(self._await(child, child.pid, lambda: nursery.is_ready(self._nursery)))

    def died(self, child: Child, pid: int) -> None:
        """Its gauges no longer count."""
        self._whole = False
        metrics.forget_process(pid, str(self._counters))

    def _mark_ready(self, message: ProcessReady) -> None:
        for child in self._children:
            if child.pid == message.pid:
                self._now_ready(child)

    def _now_ready(self, child: Child) -> None:
        child.ready = True
        log.info("process-ready", name=child.name, pid=child.pid)
        if not self._whole and all(each.ready for each in self._children):
            self._whole = True
            log.info("suite-ready", processes=len(self._children))
            if not self._announced:
                self._announced = True
                self._own.spawn(self._announce(self._own))

    async def _await(self, child: Child, pid: int, is_ready: Callable[[], bool]) -> None:
        while child.pid == pid and not await self._own.hop.call(is_ready):
            await deferLater(self._own.reactor, _LOOK)
        if child.pid == pid:
            self._now_ready(child)

    def _hang_up(self) -> None:
        for child in self._children:
            if child.name not in (_DIRECTORY, _NURSERY):
                child.signal(signal.SIGHUP)

    async def _stop(self) -> None:
        log.info("suite-stopping")
        for _, opened in self._sockets:
            opened.close()
        grace = self._settings.process.grace + _LAST_GRACE
        for order in sorted({child.program.order for child in self._children}):
            group = [child for child in self._children if child.program.order == order]
            await DeferredList([child.stop(grace) for child in group])
        log.info("suite-stopped")


async def _nothing(_process: Process) -> None:
    """No announcement."""


def serve(config: Path, settings: Settings, chosen: frozenset[str], announce: Start = _nothing) -> int:
    """Run the suite in the foreground; the exit code. `announce` begins once, when all processes are ready."""
    return Supervisor(config, settings, chosen, announce).run()


def _address(opened: socket.socket) -> str:
    host, port = opened.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _limits() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold passwords
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
