"""`odmail room`: rooms and resources, which answer invitations by themselves."""

from typing import Any

import click

from odcore.directory.model import Post
from odcore.directory.ops.post import AddPost, EditPost, add_post, edit_post
from odcore.errors import Fault, Kind
from odsuite.cli.context import Context
from odsuite.terminal import add_delete_command, as_json, label, names_in, print_list, reserved


@click.group()
def command() -> None:
    """Rooms, cars, projectors: invited like people, free or taken by their own calendar.

    A room is a post that answers by itself. Whoever is given charge of it by "odmail post take-charge" sees and
    changes its calendar; "odmail post" also shows, disables and enables it.
    """


_days = click.option("--days", "booking_days", type=click.IntRange(0, 730), help="Bookable so many days ahead; 0: 730.")
_address = click.option("--address", "addresses", multiple=True, help="Mail address; the first is the primary one.")
_office = click.option("--office", help="The office's short name.")


@command.command("add")
@click.argument("cn")
@click.option("--name", "title", required=True, help="What people look for: Conference Hall 2, Sachivalaya.")
@click.option("--resource", is_flag=True, help="A car, a projector: a thing, no room.")
@_days
@_address
@names_in
@_office
@reserved
@click.pass_obj
def add(context: Context, /, cn: str, names_in: Any, resource: bool, **fields: Any) -> None:
    """Add a room. CN is its short name and, with the default domain, its address."""
    given = {name: value for name, value in fields.items() if value not in (None, ())}
    kind = "RESOURCE" if resource else "ROOM"
    room = add_post(context.admin, AddPost(cn=cn, names=dict(names_in), calendar_user=kind, **given))
    click.echo(f"{room.addresses[0]} {room.id}")


@command.command("edit")
@click.argument("key")
@click.option("--name", "title", help="What people look for.")
@_days
@_address
@names_in
@_office
@reserved
@click.pass_obj
def edit(context: Context, /, key: str, names_in: Any, addresses: tuple[str, ...], **fields: Any) -> None:
    """Change what is named; the rest stays. What is booked stays booked."""
    wanted = EditPost(names=dict(names_in) or None, addresses=addresses or None, **fields)
    edit_post(context.admin, find(context.directory, key), wanted)


@command.command("list")
@click.argument("text", default="")
@as_json
@click.pass_obj
def show_list(context: Context, text: str, as_json: bool) -> None:
    """All rooms and resources, or those whose name or address holds TEXT."""
    columns = {
        "Room": lambda room: room.cn,
        "Name": lambda room: room.title,
        "Kind": lambda room: room.calendar_user.lower(),
        "Days ahead": lambda room: str(room.booking_days or ""),
        "Office": lambda room: label(context.directory, room.office),
        "State": lambda room: room.state,
    }
    print_list([each for each in context.directory.posts(text) if each.calendar_user], columns, as_json)


def find(directory: Any, key: str) -> Post:
    """Fault NOT_FOUND, also for a post that people hold."""
    post: Post = directory.post(key)
    if not post.calendar_user:
        raise Fault(Kind.NOT_FOUND, f"{key} is no room: see odmail post show {key}")
    return post


add_delete_command(command, find, "Its calendar goes out of reach.")
