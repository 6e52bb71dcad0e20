"""`odmail drive`: files that people deleted or replaced, and how they get them back; folders that are shared."""

from collections.abc import Callable
from datetime import UTC, datetime

import click

from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.sharing.api import Owner
from odcore.sharing.delegation import giver
from oddav.drive import sharing
from oddav.drive.store.drive import Drive
from oddav.drive.store.model import Caller, Kept, Room, Share
from oddav.drive.store.names import path_of
from odsuite.cli.context import Context
from odsuite.cli.delegate import find_owner
from odsuite.cli.share import find_subject
from odsuite.terminal import as_json, label, print_list
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
    drive, inside = _drive(context, who), path_of(path)
    if forget:
        drive.forget_versions()
        context.audit.record("versions-forgotten", context.actor, drive.id)
    found = [each for each in drive.kept() if not each.deleted]
    _print([each for each in found if sharing.inside(each.path, [inside])], as_json)


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


@command.group("share")
def share() -> None:
    """Folders that people, posts and groups are let into. They find them below Shared."""


@share.command("add")
@click.argument("owner")
@click.argument("folder")
@click.argument("identifier")
@click.argument("right", type=click.Choice(["read", "write"]))
@click.option("--standing", is_flag=True, help="For a post: stays when its holder hands over.")
@click.pass_obj
def add(context: Context, owner: str, folder: str, identifier: str, right: str, standing: bool) -> None:
    """Let IDENTIFIER read FOLDER of OWNER, a person or a post, or read and write it, with all below it.

    IDENTIFIER is a person, a post, group:NAME, office:NAME or anyone (who signed in). In place of what they
    were given before.
    """
    whose, path = find_owner(context, owner), path_of(folder)
    new = Share(path, _subject(context, owner, identifier), right == "write", "" if standing else giver(whose))
    sharing.share(context.parts.register, context.parts.drives.open(whose.id), new)
    facts = {"folder": path, "with": identifier, "right": right}
    context.audit.record("folder-shared", context.actor, whose.id, **facts)


@share.command("list")
@click.argument("owner")
@as_json
@click.pass_obj
def show_shares(context: Context, owner: str, as_json: bool) -> None:
    """Whom OWNER lets into which folders."""
    columns: dict[str, Callable[[Share], object]] = {
        "Folder": lambda each: each.path,
        "Who": lambda each: context.parts.sharing.identifier(each.subject),
        "Right": lambda each: "write" if each.writes else "read",
        "Given by": lambda each: label(context.directory, each.giver),
    }
    print_list(context.parts.drives.open(find_owner(context, owner).id).shares(), columns, as_json)


@share.command("of")
@click.argument("person")
@as_json
@click.pass_obj
def show_of(context: Context, person: str, as_json: bool) -> None:
    """Who lets PERSON into which folders."""
    whom = context.directory.person(person)
    around = context.parts.file_sharing.around(Principal(whom, context.directory.account(whom.id)))
    found = [owner for owners in around for owner in owners if not owner.holds]

    def folders(owner: Owner) -> str:
        return ", ".join(sharing.granted(owner, context.parts.drives.open(owner.account.id)).reads)

    print_list(found, {"Whose": lambda owner: owner.label, "Folders": folders}, as_json)


@share.command("remove")
@click.argument("owner")
@click.argument("folder")
@click.argument("identifier")
@click.pass_obj
def remove(context: Context, owner: str, folder: str, identifier: str) -> None:
    """IDENTIFIER is let into FOLDER no more, from the next request on."""
    whose, path = find_owner(context, owner), path_of(folder)
    subject, drive = _subject(context, owner, identifier), context.parts.drives.open(whose.id)
    sharing.unshare(context.parts.register, drive, path, subject)
    context.audit.record("folder-unshared", context.actor, whose.id, folder=path, **{"with": identifier})


def _subject(context: Context, owner: str, identifier: str) -> str:
    """Nothing is taken away here: whoever is not named has no right."""
    subject, negative = find_subject(context, find_owner(context, owner), identifier)
    if negative:
        raise Fault(Kind.BAD_REQUEST, "A dash has no meaning here: odmail drive share remove takes an entry out.")
    return subject
