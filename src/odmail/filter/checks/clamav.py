"""ClamAV, asked over its socket: INSTREAM of clamd(8).

While it is away, mail waits at its sender or passes unscanned, as `scanners_down` says; either way the log tells.
"""

import socket
import struct
from collections.abc import Iterable
from contextlib import suppress

import structlog

from odmail.filter.case import Case
from odmail.filter.check import Check, Tools
from odmail.filter.scanner import Away
from odmail.queue.verdict import Action, Finding

log = structlog.get_logger()

_PATIENCE = 60.0
_CONNECT = 5.0
_CHUNK = 65536
_LONGEST = 4096


_FOUND = " FOUND"


def check(case: Case, tools: Tools) -> Iterable[Finding]:
    """A virus is refused, whoever sends it."""
    where = tools.settings.clamav
    if not where:
        return
    try:
        told = tools.clamav.ask(lambda: _scan(where, case.octets))
    except Away as away:
        told = str(away)
    if told == "OK":
        yield Finding("clamav", "clean")
    elif told.endswith(_FOUND):
        yield Finding("clamav", "found", f"{told.removesuffix(_FOUND)} found", 20.0, Action.REFUSE)
    else:
        log.error("scanner_away", scanner="clamav", reason=told[:200])
        action = Action.DEFER if tools.settings.scanners_down == "defer" else Action.NONE
        yield Finding("clamav", "away", "the virus scanner is away, try again later", action=action)


def _scan(where: str, octets: memoryview) -> str:
    """What it says. Raises Away."""
    try:
        with _connected(where) as connection:
            with suppress(BrokenPipeError, ConnectionResetError):  # it hangs up on what is too long for it, and says so
                _stream(connection, octets)
            answer = _answer(connection)
    except OSError as error:
        raise Away(str(error)) from None
    if not answer:
        raise Away("no answer")
    return answer.decode("utf-8", "replace").removeprefix("stream: ")


def _stream(connection: socket.socket, octets: memoryview) -> None:
    connection.sendall(b"zINSTREAM\0")
    for at in range(0, len(octets), _CHUNK):
        piece = octets[at : at + _CHUNK]
        connection.sendall(struct.pack(">I", len(piece)))
        connection.sendall(piece)
    connection.sendall(struct.pack(">I", 0))


def _connected(where: str) -> socket.socket:
    if where.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_CONNECT)
        try:
            connection.connect(where)
        except OSError:
            connection.close()
            raise
    else:
        host, _, port = where.rpartition(":")
        if not port.isdigit():
            raise Away(f"{where} is no address")
        connection = socket.create_connection((host.strip("[]"), int(port)), _CONNECT)
    connection.settimeout(_PATIENCE)
    return connection


def _answer(connection: socket.socket) -> bytes:
    answer = b""
    while b"\0" not in answer and len(answer) < _LONGEST:
        piece = connection.recv(_LONGEST)
        if not piece:
            break
        answer += piece
    return answer.partition(b"\0")[0]


CHECK = Check("clamav", 80, check)
