"""The nursery reads all modules once and forks each process of the suite, which so begins in a tenth of the time.

What it forks becomes a child of the supervisor, which is a subreaper: the nursery may die and none of them notices.
"""

import ctypes
import gc
import importlib
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

import msgspec
from setproctitle import setproctitle

_MODULES = (
    "odsuite.book_worker",
    "odsuite.worker",
    "odsuite.queue_worker",
    "odsuite.web_worker",
    "odsuite.sink",
)
"""What is forked, and with it all that these import."""

_PATIENCE = 10.0  # seconds for a birth
_LONGEST = 1 << 16
_MOST = 250  # descriptors that one message carries
_SET_PDEATHSIG = 1
_SET_CHILD_SUBREAPER = 36
_ADOPTION = 0.0005  # seconds between looks for the new parent


class Birth(msgspec.Struct, frozen=True):
    """A process to begin: `main(name, config, sockets)` of a module, with a descriptor for each service."""

    module: str
    name: str
    config: str
    services: tuple[str, ...]


class Born:
    """A process that the nursery forked for the caller, as `subprocess.Popen` shows those it started."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def send_signal(self, number: int) -> None:
        """Until `wait` has returned the pid is its own."""
        os.kill(self.pid, number)

    def wait(self) -> int:
        """The exit code."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def adopt_orphans() -> None:
    """Be the parent of whatever is born."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def argv(address: Path) -> list[str]:
    """The command of the nursery itself; it ends with its parent."""
    return [sys.executable, "-m", "odsuite.nursery", str(address)]


def is_ready(address: Path) -> bool:
    """Does it listen?"""
    try:
        with _connect(address):
            return True
    except OSError:
        return False


def bear(address: Path, birth: Birth, descriptors: tuple[int, ...]) -> Born:
    """Begin a process. ConnectionError or TimeoutError while there is no nursery."""
    with _connect(address) as link:
        socket.send_fds(link, [msgspec.json.encode(birth)], descriptors)
        answer = link.recv(_LONGEST)
    if not answer:
        raise ConnectionResetError("the nursery died over it")
    return Born(int(answer))


def execute(command: list[str]) -> subprocess.Popen[bytes]:
    """Begin another program; whatever kills the supervisor, it ends too."""
    return subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM", "--", *command],
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in the terminal reaches the supervisor alone
    )


def _connect(address: Path) -> socket.socket:
    link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        link.settimeout(_PATIENCE)
        link.connect(str(address))
    except OSError as fault:
        link.close()
        if isinstance(fault, FileNotFoundError):
            raise ConnectionRefusedError("the nursery does not listen yet") from fault
        raise
    return link


def main(address: Path) -> None:
    """Until SIGTERM."""
    os.umask(0o077)
    setproctitle("odmail: nursery")
    supervisor = os.getppid()
    for module in _MODULES:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()  # the pages of what is read so far stay shared
    address.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(str(address))
        listening.listen()
        while True:
            link, _ = listening.accept()
            with link:
                if _peer(link) == supervisor:
                    _serve(link, listening, supervisor)


def _serve(link: socket.socket, listening: socket.socket, supervisor: int) -> None:
    asked, descriptors, _, _ = socket.recv_fds(link, _LONGEST, _MOST)
    if not asked:  # it only looked whether we listen
        return
    between = os.fork()
    if not between:
        between = os.getpid()
        if os.fork():
            os._exit(0)
        listening.close()
        _adopted(between, supervisor)
        link.send(str(os.getpid()).encode())
        link.close()
        _begin(msgspec.json.decode(asked, type=Birth), descriptors)
    os.waitpid(between, 0)
    for descriptor in descriptors:
        os.close(descriptor)


def _adopted(between: int, supervisor: int) -> None:
    """Wait until the supervisor is the parent, and end with it."""
    os.setsid()
    while (parent := os.getppid()) == between:
        time.sleep(_ADOPTION)
    _prctl(_SET_PDEATHSIG, signal.SIGTERM)
    if not parent == os.getppid() == supervisor:
        os._exit(1)


def _begin(birth: Birth, descriptors: list[int]) -> NoReturn:
    setproctitle(f"odmail: {birth.name}")
    importlib.import_module(birth.module).main(
        birth.name, Path(birth.config), [*zip(birth.services, descriptors, strict=True)]
    )
    sys.exit()


def _peer(link: socket.socket) -> int:
    """The pid at the other end."""
    packed = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid: int = struct.unpack("3i", packed)[0]
    return pid


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
