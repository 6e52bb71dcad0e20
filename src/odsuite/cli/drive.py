"""`odmail drive`: files that people deleted or replaced, and how they get them back; folders that are shared."""

from collections.abc import Callable
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress

from odcore.errors import Fault, Kind
from oddav.drive.emptying import forgetting
from oddav.drive.sharing import inside
from oddav.drive.store.drive import Drive
from oddav.drive.store.model import Caller, Kept, Room
from oddav.drive.store.names import path_of
from oddav.shares import Folders
from odsuite import sharing_commands
from odsuite.cli.context import Context
from odsuite.terminal import as_json, confirmed, print_list
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
@confirmed
@as_json
@click.pass_obj
def show_trash(context: Context, who: str, empty: bool, yes: bool, as_json: bool) -> None:
    """Deleted files and folders that can be brought back."""
    drive = _drive(context, who)
    if empty:
        _forget(drive, [each for each in drive.kept() if each.deleted], yes)
        context.audit.record("trash-emptied", context.actor, drive.id)
    _print([each for each in drive.kept() if each.deleted], as_json)


@command.command("versions")
@click.argument("who")
@click.argument("path", default="/")
@click.option("--forget", is_flag=True, help="They go for good.")
@confirmed
@as_json
@click.pass_obj
def show_versions(context: Context, who: str, path: str, forget: bool, yes: bool, as_json: bool) -> None:
    """Former versions of files that can be brought back, of all in PATH."""
    drive, folder = _drive(context, who), path_of(path)

    def found() -> list[Kept]:
        return [each for each in drive.kept() if not each.deleted and inside(each.path, [folder])]

    if forget:
        _forget(drive, found(), yes)
        context.audit.record("versions-forgotten", context.actor, drive.id, path=folder)
    _print(found(), as_json)


@command.command("forget")
@click.argument("who")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@confirmed
@click.pass_obj
def forget(context: Context, who: str, ids: tuple[str, ...], yes: bool) -> None:
    """Delete for good what has these IDs in the trash or among the versions."""
    drive = _drive(context, who)
    chosen = [each for each in drive.kept() if each.id in ids]
    unknown = set(ids).difference(each.id for each in chosen)
    if unknown:
        raise Fault(Kind.NOT_FOUND, f"Nothing is kept under {', '.join(sorted(unknown))}.")
    _forget(drive, chosen, yes)
    for each in chosen:
        context.audit.record("file-forgotten", context.actor, drive.id, path=each.path)
        click.echo(f"deleted {each.path} for good")


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


def _forget(drive: Drive, kept: list[Kept], yes: bool) -> None:
    if kept and not yes:
        size = sum(each.size for each in kept)
        click.confirm(f"Delete {len(kept)} entries with {size} octets for good?", abort=True)
    screen = Console(stderr=True)
    with Progress(BarColumn(), MofNCompleteColumn(), console=screen, disable=not screen.is_terminal) as progress:
        task = progress.add_task("", total=len(kept))
        for gone in forgetting(drive, kept):
            progress.update(task, completed=gone)


def _print(found: list[Kept], as_json: bool) -> None:
    columns: dict[str, Callable[[Kept], object]] = {
        "Id": lambda kept: kept.id,
        "Since": lambda kept: datetime.fromtimestamp(kept.since, UTC).strftime("%Y-%m-%d %H:%M:%SZ"),
        "Size": lambda kept: kept.size,
        "Path": lambda kept: kept.path,
    }
    print_list(found, columns, as_json)


command.add_command(
    sharing_commands.share_commands(
        sharing_commands.Kind(
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
