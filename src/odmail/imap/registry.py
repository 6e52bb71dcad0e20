"""What a command declares of itself. Dispatch, CAPABILITY, metrics and the documents read nothing else."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from odmail.imap.reader import Reader
from odmail.imap.types import ANY, Reply, State, Touches

if TYPE_CHECKING:
    from odmail.imap.session import Session

Run = Callable[["Session", Reader], Awaitable[Reply | None]]
"""A command's work. None means a plain `OK <NAME> completed`."""


class Command(msgspec.Struct, frozen=True):
    """A command's declaration."""

    name: bytes
    run: Run
    states: State
    rfc: str
    capabilities: tuple[str, ...] = ()  # what announcing this command means
    uid: bool = False  # UID <name> exists, too; the reader says which was given
    touches: Touches = Touches.NOTHING
    upload: int | None = None  # its message is streamed, never held, and so many arguments stand before the mailbox's
    long: bool = False  # it may take long and writes whole lines: its progress is told.  RFC 9585


def command(
    name: str,
    *,
    states: State,
    rfc: str,
    capability: str = "",
    uid: bool = False,
    touches: Touches = Touches.NOTHING,
    upload: int | None = None,
    long: bool = False,
) -> Callable[[Run], Run]:
    """Declare the decorated coroutine function to be the command `name`. `capability` may list several."""

    def declare(run: Run) -> Run:
        known: list[Command] = run.__dict__.setdefault("commands", [])
        capabilities = tuple(capability.split())
        known.append(Command(name.encode("ascii"), run, states, rfc, capabilities, uid, touches, upload, long))
        return run

    return declare


class Registry:
    """All commands by name, and the capabilities they and the engine stand for."""

    def __init__(self, commands: Iterable[Command], capabilities: Iterable[str] = ()) -> None:
        self.commands: dict[bytes, Command] = {}
        early: dict[str, None] = {"IMAP4rev1": None, "IMAP4rev2": None, "LITERAL+": None}
        late: dict[str, None] = dict.fromkeys(capabilities)
        for one in commands:
            if one.name in self.commands:
                raise ValueError(f"two commands called {one.name.decode()}")
            self.commands[one.name] = one
            if one.long:
                late["INPROGRESS"] = None
            (early if one.states is ANY or State.NOT_AUTHENTICATED in one.states else late).update(
                dict.fromkeys(one.capabilities)
            )
        self.early = tuple(early)  # announced before and after sign-in
        self.late = tuple(name for name in late if name not in early)

    def find(self, name: bytes, *, uid: bool) -> Command | None:
        """The command called `name`, if it can be given that way."""
        found = self.commands.get(name)
        return found if found is not None and (found.uid or not uid) else None
