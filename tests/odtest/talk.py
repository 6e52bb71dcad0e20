"""A client of one engine for tests that speak IMAP without a dialog file."""

import re
from pathlib import Path

from odtest.dialog import Client
from odtest.house import PASSWORD, SASMITA, TestHouse

_LITERAL = re.compile(rb"~?\{(\d+)\}\r\n")


class Talk:
    """Signed in as Sasmita, in a world of its own or in one that it shares with others."""

    def __init__(self, folder: Path, world: TestHouse | None = None) -> None:
        self.world = world or TestHouse(folder)
        self.client = Client(self.world, True, False)
        self.say(f'LOGIN {SASMITA.uid} "{PASSWORD}"'.encode())

    def put(self, octets: bytes, received: int | None = None) -> None:
        """A message arrives in INBOX."""
        self.world.put(SASMITA.id, "INBOX", octets, received)

    def say(self, command: bytes) -> bytes:
        """All that is answered to the command."""
        self.client.command(command + b"\r\n")
        self.world.deliver_hints()
        said, self.client._out = self.client._out, b""
        return said

    def numbers(self, criteria: bytes) -> list[int]:
        """What SEARCH finds."""
        said = self.say(b"SEARCH " + criteria)
        assert said.startswith(b"* SEARCH"), said
        return [int(one) for one in said.partition(b"\r\n")[0].split()[2:]]

    def literal(self, items: bytes) -> bytes | None:
        """The one literal in what FETCH 1 answers; None for NIL."""
        said = self.say(b"FETCH 1 " + items)
        found = _LITERAL.search(said)
        if found is None:
            assert b" NIL)\r\n" in said, said
            return None
        return said[found.end() : found.end() + int(found[1])]

    def close(self) -> None:
        """Invariants hold in the end."""
        self.client.session.lost()
        self.world.store.close()
