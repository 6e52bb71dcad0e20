"""The demonstration's outside world as a process: an SMTP server that keeps what it gets."""

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from odcore.net.listen import open_sockets
from odmail.smtp.types import MX
from odsuite.outside import Outside
from odsuite.process import Process, run
from odsuite.servers import serve_smtp


async def start(process: Process) -> None:
    """Serve where `[sink]` says."""
    gate = Outside(process.settings.root / "outside")
    for opened in open_sockets(process.settings.sink.listen):
        serve_smtp(process, opened.detach(), MX, gate, None, tls=False)


def main(name: str, config: Path, sockets: Sequence[tuple[str, int]]) -> NoReturn:
    """As the nursery calls it."""
    run(start, name, config, sockets)
