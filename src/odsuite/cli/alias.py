"""`odmail alias`: one more address for something."""

from typing import Any

import click

from odcore.directory.ldap import LdapDirectory
from odcore.directory.ops.alias import AddAlias, add_alias, edit_alias
from odsuite.cli.context import Context
from odsuite.terminal import add_delete_command, add_state_commands, as_json, print_entry, print_list, reserved


@click.group()
def command() -> None:
    """Aliases: addresses that lead to others."""


_targets = click.option("--to", "targets", multiple=True, required=True, help="Address it leads to.")


@command.command("add")
@click.argument("address")
@_targets
@reserved
@click.pass_obj
def add(context: Context, address: str, targets: tuple[str, ...], reserved: bool) -> None:
    """Add an alias."""
    click.echo(add_alias(context.admin, AddAlias(address=address, targets=targets, reserved=reserved)).id)


@command.command("edit")
@click.argument("address")
@_targets
@click.pass_obj
def edit(context: Context, address: str, targets: tuple[str, ...]) -> None:
    """Let an alias lead elsewhere."""
    edit_alias(context.admin, context.directory.alias(address), targets)


@command.command("show")
@click.argument("address")
@as_json
@click.pass_obj
def show(context: Context, address: str, as_json: bool) -> None:
    """Where an alias leads."""
    print_entry(context.directory.alias(address), as_json)


@command.command("list")
@click.argument("text", default="")
@as_json
@click.pass_obj
def show_list(context: Context, text: str, as_json: bool) -> None:
    """All aliases, or those whose address holds TEXT."""
    columns = {
        "Alias": lambda alias: alias.address,
        "Leads to": lambda alias: ", ".join(alias.targets),
        "State": lambda alias: alias.state,
    }
    print_list(context.directory.aliases(text), columns, as_json)


def _find(directory: LdapDirectory, key: str) -> Any:
    return directory.alias(key)


add_state_commands(command, _find)
add_delete_command(command, _find, "Mail to it will be refused.")
