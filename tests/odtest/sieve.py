r"""Runs files of Sieve cases: a script, then messages, each with what must become of it.

    == RFC 5228 4.1                   a case begins: its source
    -- world                          what is there besides (optional): mailbox NAME, use \Junk NAME, id ID,
    mailbox Lists                     annotation MAILBOX NAME VALUE (MAILBOX "-" is the server), environment NAME VALUE,
    spam 0.7                          spam 0...1, virus 0...5, now 2007-03-01T10:00:00+05:30, from ADDRESS, to ADDRESS,
                                      remote-host NAME, remote-ip ADDRESS
    -- own NAME                       a script that may be included; "-- site NAME" one of the site's
    -- script
    -- message
    -- expect                         in order: invalid LINE:COLUMN text | warning LINE:COLUMN text | error text,
    fileinto Lists \Seen              then actions, then "keep FLAGS" or, when nothing at all happens, "discard";
    header Subject: new               fields of the edited header

"-- message" and "-- expect" may be repeated; duplicates and the like are remembered from one message to the next.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from odmail.message.parse import parse
from odmail.sieve.actions import Action, Filing, Notify, Outcome, Redirect, Reject, Vacation
from odmail.sieve.compiler import House, compile_script
from odmail.sieve.house import Envelope
from odmail.sieve.interpreter import Script, interpret
from odmail.sieve.mail import Mail
from odmail.sieve.model import ScriptError

OURS = ("example.com", "example.edu", "example.org", "example.net", "acme.example")


class World:
    """What scripts may ask about."""

    def __init__(self) -> None:
        self.mailboxes = {"INBOX"}
        self.uses: dict[str, str] = {}
        self.ids: set[str] = set()
        self.annotations: dict[tuple[str | None, str], str] = {}
        self.items: dict[str, str] = {}
        self.scripts: dict[tuple[str, bool], str] = {}
        self.seen: dict[str, int] = {}
        self.moment = datetime(2026, 3, 10, 10, 0, 0, tzinfo=UTC)
        self.envelope = Envelope("tim@example.com", "me@example.com")

    def now(self) -> datetime:
        return self.moment

    def mailbox_exists(self, name: str) -> bool:
        return name in self.mailboxes

    def special_use_exists(self, use: str, mailbox: str = "") -> bool:
        found = self.uses.get(use.lower())
        return found is not None and mailbox in ("", found)

    def mailbox_id_exists(self, mailbox_id: str) -> bool:
        return mailbox_id in self.ids

    def annotation(self, mailbox: str | None, name: str) -> str | None:
        return self.annotations.get((mailbox, name.lower()))

    def is_duplicate(self, key: str) -> bool:
        return self.seen.get(key, 0) > self.moment.timestamp()

    def script(self, name: str, *, site: bool) -> str | None:
        return self.scripts.get((name, site))

    def environment(self, item: str) -> str | None:
        return self.items.get(item)

    def may_send_to(self, address: str) -> str:
        domain = address.rpartition("@")[2].lower()
        return "" if domain.endswith(OURS) else f"{address} is outside"

    def tell(self, line: str) -> None:
        """One line of a case's world."""
        word, _, rest = line.partition(" ")
        first, _, value = rest.partition(" ")
        if word == "mailbox":
            self.mailboxes.add(rest)
        elif word == "use":
            self.uses[first.lower()] = value
            self.mailboxes.add(value)
        elif word == "id":
            self.ids.add(rest)
        elif word == "annotation":
            name, _, text = value.partition(" ")
            self.annotations[None if first == "-" else first, name.lower()] = text
        elif word == "environment":
            self.items[first] = value
        elif word == "now":
            self.moment = datetime.fromisoformat(rest)
        else:
            fields = {"spam": ("spam", float), "virus": ("virus", int), "from": ("sender", str)}
            fields |= {"remote-host": ("remote_host", str), "remote-ip": ("remote_ip", str)}
            name, kind = fields.get(word, ("recipient", str))
            self.envelope = msgspec.structs.replace(self.envelope, **{name: kind(rest)})


class Case(msgspec.Struct):
    """One case of a file."""

    name: str
    world: list[str] = []
    scripts: dict[tuple[str, bool], str] = {}
    script: str = ""
    runs: list[tuple[str, list[str]]] = []

    def check(self) -> None:
        """AssertionError with both lists when they differ."""
        world = World()
        world.scripts = self.scripts
        for line in self.world:
            world.tell(line)
        try:
            program = compile_script(self.script, House(objection=world.may_send_to, mailbox=_missing(world)))
        except ScriptError as error:
            got = [f"invalid {error.place.line}:{error.place.column} {error.text}"]
            assert got == self.runs[0][1], got
            return
        for message, expected in self.runs:
            warnings = [f"warning {each.place.line}:{each.place.column} {each.text}" for each in program.warnings]
            octets = message.replace("\n", "\r\n").encode()
            outcome = interpret(
                [Script("test", program)], Mail(octets, parse(octets).part), world.envelope, world, traced=True
            )
            for each in outcome.remember:
                world.seen[each.key] = int(world.moment.timestamp()) + each.seconds
            got = [*warnings, *shown(outcome)]
            wanted = [line for line in expected if not line.startswith("warning")] if not warnings else expected
            assert got == wanted, "\n".join([*got, "", *outcome.trace])


def _missing(world: World):
    return lambda name: "" if world.mailbox_exists(name) or not world.mailboxes - {"INBOX"} else f"no mailbox {name}"


def shown(outcome: Outcome) -> list[str]:
    """An outcome as files write it."""
    lines = [f"error {outcome.error}"] if outcome.error else []
    lines += [_action(action) for action in outcome.actions]
    if outcome.keep is not None:
        lines.append(" ".join(["keep", *outcome.keep.flags]))
    if outcome.edited is not None:
        lines += [f"header {line}" for line in outcome.edited.decode().split("\r\n") if line]
    return lines or ["discard"]


def _action(action: Action) -> str:
    if isinstance(action, Filing):
        return f"fileinto {_filing(action)}"
    if isinstance(action, Redirect):
        return f"redirect {action.address}"
    if isinstance(action, Reject):
        return f"reject {action.reason!r}"
    if isinstance(action, Vacation):
        named = [f"{name}={value!r}" for name, value in msgspec.structs.asdict(action).items() if value]
        return "vacation " + " ".join(each for each in named if not each.startswith("fcc=")) + _copy(action.fcc)
    assert isinstance(action, Notify)
    return f"notify {action.importance} {action.method} {action.message!r}{_copy(action.fcc)}"


def _copy(filing: Filing | None) -> str:
    return f" fcc {_filing(filing)}" if filing else ""


def _filing(filing: Filing) -> str:
    more = ["create"] if filing.create else []
    more += [f"use={filing.special_use}"] if filing.special_use else []
    more += [f"id={filing.mailbox_id}"] if filing.mailbox_id else []
    return " ".join([filing.mailbox, *filing.flags, *more])


def cases(path: Path) -> Iterator[Case]:
    """All cases of a file."""
    for text in re.split(r"^== ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        name, _, rest = text.partition("\n")
        case = Case(name, [], {}, "", [])
        message = ""
        for section in re.split(r"^-- ", rest, flags=re.MULTILINE)[1:]:
            head, _, body = section.partition("\n")
            kind, _, label = head.strip().partition(" ")
            if kind == "world":
                case.world = [line for line in body.splitlines() if line.strip()]
            elif kind in ("own", "site"):
                case.scripts[label, kind == "site"] = body
            elif kind == "script":
                case.script = body
            elif kind == "message":
                message = body
            else:
                case.runs.append((message, [line for line in body.splitlines() if line.strip()]))
        yield case
