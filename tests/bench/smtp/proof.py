"""Before anything counts: both sides really check what comes in, and sign what goes out."""

from collections.abc import Sequence
from pathlib import Path

from bench.mail.server import Server
from bench.smtp import client
from bench.smtp.senders import Letter
from bench.smtp.sink import Sink
from odtest.daemon import until

_VERDICTS = (b"spf=pass", b"dkim=pass", b"dmarc=pass")


def inbound(server: Server, letter: Letter) -> None:
    """What the mailbox holds says of a signed letter that it passed."""
    client.deliver(server, [letter], 1)
    until(lambda: server.arrived() == 1, "the first letter", 30)
    reader = server.connect()
    reader.command(b"SELECT INBOX")
    header = reader.command(b"FETCH 1 BODY.PEEK[HEADER]")
    reader.close()
    if missing := [word for word in _VERDICTS if word not in header]:
        raise SystemExit(f"{server.name} did not find {missing}: {header.decode(errors='replace')}")


def outbound(server: Server, port: int, root: Path, letters: Sequence[Letter]) -> None:
    """What the outside gets is signed."""
    folder = root / f"seen-{port}"
    folder.mkdir()
    folder.chmod(0o777)
    sink = Sink(port, folder)
    try:
        client.submit(server, letters)
        until(lambda: sink.messages == len(letters), "the letters in the sink", 60)
    finally:
        sink.stop()
    kept = list(folder.iterdir())
    if len(kept) != len(letters):
        raise SystemExit(f"{server.name}: {len(kept)} letters in the sink")
    for path in kept:
        if b"DKIM-Signature:" not in path.read_bytes():
            raise SystemExit(f"{server.name} did not sign: {path.read_text(errors='replace')[:2000]}")
