"""What the folder of commands declares, against the golden list; and that every failure has a response code."""

from pathlib import Path

import pytest

from odcore.errors import Fault, Kind
from odmail.imap import commands
from odmail.imap.faults import CODES, refusal
from odmail.imap.registry import Registry
from odmail.imap.types import State

GOLDEN = Path(__file__).parents[2] / "golden" / "imap_commands.txt"


def described(registry: Registry) -> str:
    """One line for each command, and one for each list of capabilities."""
    lines = []
    for one in registry.commands.values():
        states = "|".join(state.name for state in State if state in one.states)
        lines.append(f"{'UID ' if one.uid else ''}{one.name.decode()} {states} {one.touches.value} RFC {one.rfc}")
    return "\n".join([*sorted(lines), "early " + " ".join(registry.early), "late " + " ".join(registry.late), ""])


def test_commands_are_as_agreed() -> None:
    """A new command or capability shows in the golden list: change it knowingly."""
    assert described(commands.load()) == GOLDEN.read_text()


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_failure_has_a_code(kind: Kind) -> None:
    """And makes one line of ASCII, whatever its text."""
    reply = refusal(Fault(kind, "ନାହିଁ\r\n* OK no"))
    assert reply.code == CODES[kind]
    assert reply.status == b"NO"
    assert reply.text.isascii()
    assert "\n" not in reply.text
