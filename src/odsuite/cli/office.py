"""`odmail office`: departments, districts, offices."""

from typing import Any

import click

from odcore.directory.ldap import LdapDirectory
from odcore.directory.ops.office import AddOffice, EditOffice, add_office, edit_office
from odsuite.cli.context import Context
from odsuite.terminal import add_delete_command, as_json, label, names_in, print_entry, print_list


@click.group()
def command() -> None:
    """Offices: what people and posts belong to."""


_parent = click.option("--parent", help="The office it is part of.")


@command.command("add")
@click.argument("ou")
@click.option("--name", required=True, help="Full name.")
@names_in
@_parent
@click.pass_obj
def add(context: Context, ou: str, name: str, names_in: Any, parent: str | None) -> None:
    """Add an office. OU is its short name."""
    wanted = AddOffice(ou=ou, name=name, names=dict(names_in), parent=parent or "")
    click.echo(add_office(context.admin, wanted).id)


@command.command("edit")
@click.argument("key")
@click.option("--name", help="Full name.")
@names_in
@_parent
@click.pass_obj
def edit(context: Context, key: str, name: str | None, names_in: Any, parent: str | None) -> None:
    """Change what is named; the rest stays. --parent "" puts it at the top."""
    wanted = EditOffice(name=name, names=dict(names_in) or None, parent=parent)
    edit_office(context.admin, context.directory.office(key), wanted)


@command.command("show")
@click.argument("key")
@as_json
@click.pass_obj
def show(context: Context, key: str, as_json: bool) -> None:
    """Everything about an office. KEY is its short name or id."""
    office = context.directory.office(key)
    print_entry(office, as_json, parent=office.parent and label(context.directory, office.parent))


@command.command("list")
@click.argument("text", default="")
@as_json
@click.pass_obj
def show_list(context: Context, text: str, as_json: bool) -> None:
    """All offices, or those whose name holds TEXT."""
    columns = {
        "Office": lambda office: office.ou,
        "Name": lambda office: office.name,
        "Part of": lambda office: label(context.directory, office.parent),
    }
    print_list(context.directory.offices(text), columns, as_json)


def _find(directory: LdapDirectory, key: str) -> Any:
    return directory.office(key)


add_delete_command(command, _find, "Only an office without people, posts and offices can go.")
