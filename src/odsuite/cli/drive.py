"""`odmail drive`: files that people deleted or replaced, and how they get them back; folders that are shared."""

from collections.abc import Callable
from datetime import UTC, datetime

import click

from oddav.drive.sharing import inside
from oddav.drive.store.drive import Drive
from oddav.drive.store.model import Caller, Kept, Room
from oddav.drive.store.names import path_of
from oddav.shares import Folders
from odsuite.cli.context import Context
from odsuite.sharing_commands import Kind, share_commands
from odsuite.terminal import as_json, print_list
from odsuite.transfers import account_of


@click.group()
def command() -> None:
    """Files of people and posts: what was deleted or replaced, as long as it is kept, and folders that are shared."""


@command.command("room")
@click.argument("who")
@as_json
@click.pass_obj
def show_room(context: Context, who: str, as_json: bool) -> None:
    """Octets of files, of former versions with the trash, and the quota; 0 is no limit."""
    columns: dict[str, Callable[[Room], object]] = {
        "Used": lambda room: room.used,
        "Kept": lambda room: room.kept,
        "Quota": lambda room: room.quota,
    }
    print_list([_drive(context, who).room()], columns, as_json)


@command.command("trash")
@click.argument("who")
@click.option("--empty", is_flag=True, help="All of it goes for good.")
@as_json
@click.pass_obj
def show_trash(context: Context, who: str, empty: bool, as_json: bool) -> None:
    """Deleted files and folders that can be brought back."""
    drive = _drive(context, who)
    if empty:
        drive.empty_trash()
        context.audit.record("trash-emptied", context.actor, drive.id)
    _print([each for each in drive.kept() if each.deleted], as_json)


@command.command("versions")
@click.argument("who")
@click.argument("path", default="/")
@click.option("--forget", is_flag=True, help="All of the drive go for good.")
@as_json
@click.pass_obj
def show_versions(context: Context, who: str, path: str, forget: bool, as_json: bool) -> None:
    """Former versions of files that can be brought back, of all in PATH."""
    drive, folder = _drive(context, who), path_of(path)
    if forget:
        drive.forget_versions()
        context.audit.record("versions-forgotten", context.actor, drive.id)
    found = [each for each in drive.kept() if not each.deleted]
    _print([each for each in found if inside(each.path, [folder])], as_json)


@command.command("restore")
@click.argument("who")
@click.argument("id")
@click.pass_obj
def restore(context: Context, who: str, id: str) -> None:
    """Bring it back to where it was. What a version replaces becomes a version itself."""
    drive = _drive(context, who)
    path = drive.restore(Caller(context.actor), id)
    context.audit.record("file-restored", context.actor, drive.id, path=path)
    click.echo(f"restored {path}")


def _drive(context: Context, who: str) -> Drive:
    account = account_of(context.directory, who)
    return context.parts.drives.open(account.id, account.quota)


def _print(found: list[Kept], as_json: bool) -> None:
    columns: dict[str, Callable[[Kept], object]] = {
        "Id": lambda kept: kept.id,
        "Since": lambda kept: datetime.fromtimestamp(kept.since, UTC).strftime("%Y-%m-%d %H:%M:%SZ"),
        "Size": lambda kept: kept.size,
        "Path": lambda kept: kept.path,
    }
    print_list(found, columns, as_json)


command.add_command(
    share_commands(
        Kind(
            area=lambda context: Folders(context.parts.register, context.parts.drives),
            sharing=lambda context: context.parts.file_sharing,
            noun=Folders.noun,
            rights=Folders.rights,
            group_help="Folders that people, posts and groups are let into. They find them below Shared.",
            add_help="""Let IDENTIFIER read FOLDER of OWNER, a person or a post, or write as well, with all below.

            IDENTIFIER is a person, a post, group:NAME, office:NAME or anyone (who signed in). In place of what they
            were given before.
            """,
        )
    )
)
