"""What a command declares of itself; dispatch and metrics read nothing else."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from odmail.managesieve.reader import Reader
from odmail.managesieve.types import Reply, State

if TYPE_CHECKING:
    from odmail.managesieve.session import Session

Run = Callable[["Session", Reader], Awaitable[Reply | None]]
"""A command's work. None means a plain OK."""


class Command(msgspec.Struct, frozen=True):
    """A command's declaration."""

    name: bytes
    run: Run
    states: State
    rfc: str


def command(name: str, *, states: State, rfc: str) -> Callable[[Run], Run]:
    """Declare the decorated coroutine function to be the command `name`."""

    def declare(run: Run) -> Run:
        run.__dict__["command"] = Command(name.encode("ascii"), run, states, rfc)
        return run

    return declare


class Registry:
    """All commands by name."""

    def __init__(self, commands: Iterable[Command]) -> None:
        self.commands = {each.name: each for each in commands}
