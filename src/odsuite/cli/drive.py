"""`odmail drive`: files that people deleted or replaced, and how they get them back."""

from collections.abc import Callable
from datetime import UTC, datetime

import click

from oddav.drive.store.model import Caller, Kept
from odsuite.cli.context import Context
from odsuite.terminal import as_json, print_list
from odsuite.transfers import account_of


@click.group()
def command() -> None:
    """Files of a person or post that were deleted or replaced, as long as they are kept."""


@command.command("kept")
@click.argument("who")
@as_json
@click.pass_obj
def show_kept(context: Context, who: str, as_json: bool) -> None:
    """What can be brought back: deleted files and folders, and former versions of files."""
    columns: dict[str, Callable[[Kept], object]] = {
        "Id": lambda kept: kept.id,
        "What": lambda kept: "deleted" if kept.deleted else "version",
        "Since": lambda kept: datetime.fromtimestamp(kept.since, UTC).strftime("%Y-%m-%d %H:%M:%SZ"),
        "Size": lambda kept: kept.size,
        "Path": lambda kept: kept.path,
    }
    account = account_of(context.directory, who)
    print_list(context.parts.drives.open(account.id).kept(), columns, as_json)


@command.command("restore")
@click.argument("who")
@click.argument("id")
@click.pass_obj
def restore(context: Context, who: str, id: str) -> None:
    """Bring it back to where it was. What a version replaces becomes a version itself."""
    account = account_of(context.directory, who)
    path = context.parts.drives.open(account.id).restore(Caller(context.actor), id)
    click.echo(f"restored {path}")
