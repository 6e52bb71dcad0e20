"""The demonstration's outside world as a process: an SMTP server that keeps what it gets."""

from odcore.net.listen import open_sockets
from odmail.smtp.types import MX
from odsuite.outside import Outside
from odsuite.process import Process, main
from odsuite.servers import serve_smtp


async def start(process: Process) -> None:
    """Serve where `[sink]` says."""
    gate = Outside(process.settings.root / "outside")
    for opened in open_sockets(process.settings.sink.listen):
        serve_smtp(process, opened.detach(), MX, gate, None, tls=False)


if __name__ == "__main__":
    main(start)
