"""`odmail group`: mailing lists."""

from datetime import UTC, datetime
from typing import Any

import click

from odcore.directory.ldap import LdapDirectory
from odcore.directory.ops.group import SENDERS, AddGroup, EditGroup, add_group, edit_group
from odsuite.cli.context import Context
from odsuite.terminal import (
    add_delete_command,
    add_state_commands,
    as_json,
    label,
    print_entry,
    print_list,
    reserved,
    unlisted,
)


@click.group()
def command() -> None:
    """Mailing lists: one address for many."""


_address = click.option("--address", "addresses", multiple=True, help="Mail address; the first is the primary one.")


@command.command("add")
@click.argument("cn")
@click.option("--name", default="", help="Name as it is shown.")
@_address
@click.option("--member", "members", multiple=True, help="uid, post, list, or an address outside.")
@click.option("--owner", default="", help="Person or post who hears of members that cannot be reached.")
@click.option("--senders", type=click.Choice(SENDERS), default="anybody", help="Who may send to it.")
@unlisted
@reserved
@click.pass_obj
def add(context: Context, /, cn: str, unlisted: bool | None, **fields: Any) -> None:
    """Add a list. CN is its short name and, with the default domain, its address."""
    group = add_group(context.admin, AddGroup(cn=cn, unlisted=bool(unlisted), **fields))
    click.echo(f"{group.addresses[0]} {group.id}")


@command.command("edit")
@click.argument("key")
@click.option("--name", help="Name as it is shown.")
@_address
@click.option("--join", multiple=True, help="Add a member.")
@click.option("--leave", multiple=True, help="Remove a member.")
@click.option("--owner", help="Person or post who hears of members that cannot be reached; empty for nobody.")
@click.option(
    "--senders",
    type=click.Choice(SENDERS),
    help="Who may send to it; inside: people of this house; moderated: its owner decides on each message.",
)
@unlisted
@reserved
@click.pass_obj
def edit(context: Context, /, key: str, addresses: tuple[str, ...], **fields: Any) -> None:
    """Change what is named; the rest stays."""
    edit_group(context.admin, context.directory.group(key), EditGroup(addresses=addresses or None, **fields))


@command.command("show")
@click.argument("key")
@as_json
@click.pass_obj
def show(context: Context, key: str, as_json: bool) -> None:
    """Everything about a list, its members by name. KEY is its short name, an address or an id."""
    group = context.directory.group(key)
    print_entry(group, as_json, members=[label(context.directory, member) for member in group.members])


@command.command("list")
@click.argument("text", default="")
@as_json
@click.pass_obj
def show_list(context: Context, text: str, as_json: bool) -> None:
    """All lists, or those whose name or address holds TEXT."""
    columns = {
        "List": lambda group: group.cn,
        "Name": lambda group: group.name,
        "Address": lambda group: next(iter(group.addresses), ""),
        "Members": lambda group: len(group.members) + len(group.outside),
        "State": lambda group: group.state,
    }
    print_list(context.directory.groups(text), columns, as_json)


@command.command("held")
@click.argument("address", default="")
@as_json
@click.pass_obj
def held(context: Context, address: str, as_json: bool) -> None:
    """Messages to moderated lists that wait for their moderator, oldest first; to one list, or to all."""
    columns = {
        "Id": lambda message: message.id,
        "Accepted": lambda message: f"{datetime.fromtimestamp(message.accepted, UTC).astimezone():%Y-%m-%d %H:%M}",
        "From": lambda message: message.envelope.sender or "<>",
        "To": lambda message: "\n".join(each.recipient.address for each in message.recipients),
    }
    print_list(context.moderation.held(address.lower()), columns, as_json)


_list = click.option("--list", "address", default="", help="Only for this one of the lists it was sent to.")


@command.command("approve")
@click.argument("message")
@_list
@click.pass_obj
def approve(context: Context, message: str, address: str) -> None:
    """Let a message through that waits for its list's moderator. MESSAGE is its id in the queue."""
    context.moderation.approve(message, address, context.actor)


@command.command("reject")
@click.argument("message")
@_list
@click.option("--reason", default="", help="What its sender is told.")
@click.pass_obj
def reject(context: Context, message: str, address: str, reason: str) -> None:
    """Send a message back that waits for its list's moderator; a sender who may be forged is told nothing."""
    context.moderation.reject(message, address, context.actor, reason)


def _find(directory: LdapDirectory, key: str) -> Any:
    return directory.group(key)


add_state_commands(command, _find)
add_delete_command(command, _find, "Its members stay.")
