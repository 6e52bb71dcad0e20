"""What commands about entries share: their parameter types, their tables, and disable, enable, delete."""

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import click
import msgspec
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from odcore.config.types import Size
from odcore.directory.ldap import LdapDirectory
from odcore.directory.model import Alias, Domain, Group, Office, Person, Post, State
from odcore.directory.ops.removal import delete
from odcore.directory.ops.state import set_state
from odcore.errors import Fault
from odsuite.cli.context import Context

Entry = TypeVar("Entry")
Switched = Person | Post | Group | Alias


class _Instant(click.ParamType[datetime]):
    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            return datetime.fromisoformat(value).astimezone()  # without an offset it is this machine's time
        except ValueError:
            self.fail(f"{value} is no time such as 2026-12-01T10:00 or 2026-12-01T10:00+05:30", param, ctx)


class _Octets(click.ParamType[int]):
    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return int(Size.parse(int(value) if isinstance(value, int) or value.isdigit() else value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class _Named(click.ParamType[tuple[str, str]]):
    name = "language=name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        tag, equals, text = value.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", tag):
            self.fail(f"{value} is not of the form or=ସସ୍ମିତା ନାୟକ", param, ctx)
        return tag.lower(), text


_WIDE = 240

INSTANT, OCTETS, NAMED = _Instant(), _Octets(), _Named()

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
names_in = click.option("--name-in", "names_in", type=NAMED, multiple=True, help="Name in a language: or=ଓଡ଼ିଶା")
confirmed = click.option("--yes", is_flag=True, help="Do not ask.")
telephone = click.option("--telephone", help="Number of the office, for everybody to see.")
unlisted = click.option(
    "--unlisted/--listed", default=None, help="Kept out of the directory book that everybody can search."
)
reserved = click.option("--reserved", is_flag=True, help="Allow a name such as postmaster or admin.")


def shown(text: str) -> Text:
    """As it is: what others wrote neither steers the terminal nor is taken for markup (A65)."""
    return Text("".join(each if each.isprintable() or each == "\n" else "?" for each in text))


def print_json(value: Any) -> None:
    """For programs."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def print_list(found: Iterable[Entry], columns: Mapping[str, Callable[[Entry], object]], json: bool) -> None:
    """One line for each."""
    if json:
        print_json(list(found))
        return
    table = Table(*(Column(name, overflow="fold") for name in columns))
    for each in found:
        table.add_row(*(shown(str(column(each) or "")) for column in columns.values()))
    _console().print(table)


def print_entry(entry: msgspec.Struct, json: bool, **more: object) -> None:
    """Every field that says something."""
    fields = msgspec.to_builtins(entry) | {name: msgspec.to_builtins(value) for name, value in more.items()}
    if json:
        print_json(fields)
        return
    table = Table(show_header=False, box=None)
    for name, value in fields.items():
        if value not in ("", None, [], (), {}, 0):
            table.add_row(name.replace("_", " "), shown(_plain(value)))
    _console().print(table)


def add_state_commands(group: click.Group, find: Callable[[LdapDirectory, str], Switched]) -> None:
    """`disable` and `enable`."""

    @group.command("disable")
    @click.argument("key")
    @click.pass_obj
    def disable(context: Context, key: str) -> None:
        """No mail, no sign-in, from this moment on; nothing is lost."""
        set_state(context.admin, find(context.directory, key), State.DISABLED)

    @group.command("enable")
    @click.argument("key")
    @click.pass_obj
    def enable(context: Context, key: str) -> None:
        """Undo disable."""
        set_state(context.admin, find(context.directory, key), State.ACTIVE)


def add_delete_command(
    group: click.Group, find: Callable[[LdapDirectory, str], Switched | Office | Domain], warning: str
) -> None:
    """`delete`, which asks first."""

    @group.command("delete", help=f"Delete the entry. {warning}")
    @click.argument("key")
    @confirmed
    @click.pass_obj
    def remove(context: Context, key: str, yes: bool) -> None:
        entry = find(context.directory, key)
        if not yes:
            click.confirm(f"Delete {entry.dn}? {warning}", abort=True)
        delete(context.admin, entry)


def label(directory: LdapDirectory, account: str | None) -> str:
    """The address or name behind an id, for people to read; the id itself where there is none any more."""
    if not account:
        return ""
    try:
        record = directory.lookup.by_id(account)
    except Fault:
        return account  # gone, or the directory is away: the trail must be readable then, too
    return record.text("uid") or record.text("cn") or record.text("ou") or account


def day(instant: int) -> str:
    """The day of seconds since the epoch, as the DNS and reports count it."""
    return f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%d}"


def _console() -> Console:
    """As wide as the terminal; into a file or pipe, wide enough for one line each."""
    return Console(width=None if sys.stdout.isatty() else _WIDE)


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_plain(each)}" for key, each in value.items() if each not in ("", None))
    if isinstance(value, list | tuple):
        return "\n".join(_plain(each) for each in value)
    return str(value)
