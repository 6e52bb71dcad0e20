"""`odmail domain`: mail domains that are ours."""

from typing import Any

import click

from odcore.directory.ldap import LdapDirectory
from odcore.directory.ops.domain import AddDomain, add_domain, make_default, set_languages
from odmail.words import LANGUAGES
from odsuite.cli.context import Context
from odsuite.terminal import add_delete_command, as_json, print_entry, print_list


@click.group()
def command() -> None:
    """Domains: mail for them is ours to deliver."""


@command.command("add")
@click.argument("name")
@click.option("--default", is_flag=True, help="Bare logins belong to it; the first domain is the default anyway.")
@click.pass_obj
def add(context: Context, name: str, default: bool) -> None:
    """Add a domain; an internationalized one may be written in its own letters."""
    click.echo(add_domain(context.admin, AddDomain(name=name, default=default)).name)


@command.command("edit")
@click.argument("name")
@click.option("--default", is_flag=True, help="Make it the default.")
@click.option(
    "--language",
    "languages",
    type=click.Choice(LANGUAGES),
    multiple=True,
    help="Language of mail the system writes to people who have chosen none; may be given several times.",
)
@click.pass_obj
def edit(context: Context, name: str, default: bool, languages: tuple[str, ...]) -> None:
    """Make a domain the default one, or choose the languages of reports."""
    if not (default or languages):
        raise click.UsageError("There is nothing to change: --default, --language.")
    domain = context.directory.domain(name)
    if default:
        make_default(context.admin, domain)
    if languages:
        set_languages(context.admin, domain, languages)


@command.command("show")
@click.argument("name")
@as_json
@click.pass_obj
def show(context: Context, name: str, as_json: bool) -> None:
    """One domain."""
    print_entry(context.directory.domain(name), as_json)


@command.command("list")
@as_json
@click.pass_obj
def show_list(context: Context, as_json: bool) -> None:
    """All domains, the default first."""
    columns = {"Domain": lambda domain: domain.name, "": lambda domain: "default" if domain.default else ""}
    print_list(context.directory.domains(), columns, as_json)


def _find(directory: LdapDirectory, key: str) -> Any:
    return directory.domain(key)


add_delete_command(command, _find, "Only a domain without addresses can go.")
