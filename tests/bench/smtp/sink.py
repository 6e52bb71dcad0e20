"""The outside world of outbound mail: Postfix's smtp-sink, which counts."""

import os
import re
import subprocess
import threading
from pathlib import Path

from bench.mail.server import HOST, await_port


class Sink:
    """Takes everything; with `kept`, each message becomes a file there."""

    def __init__(self, port: int, kept: Path | None = None) -> None:
        self.messages = 0
        dump = ["-d", f"{kept}/%H%M%S."] if kept else []
        words = ["smtp-sink", "-u", "nobody", "-c", *dump, f"{HOST}:{port}", "1000"]
        self._process = subprocess.Popen(words, stdout=subprocess.PIPE)
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()
        await_port(port, self._process)

    def stop(self) -> None:
        """Its port is free again."""
        self._process.kill()
        self._process.wait()
        self._thread.join()

    def _count(self) -> None:
        assert self._process.stdout
        while octets := os.read(self._process.stdout.fileno(), 65536):
            if counts := re.findall(rb"mesg=(\d+)\s", octets):
                self.messages = int(counts[-1])
