"""`odmail directory`: the whole directory out, in, and looked over."""

from typing import TextIO

import click

from odcore.directory.ops.check import check
from odcore.directory.ops.exchange import export, load
from odcore.errors import Fault, Kind
from odsuite.cli.context import Context
from odsuite.terminal import as_json, print_list


@click.group()
def command() -> None:
    """The directory as a whole."""


@command.command("export")
@click.argument("file", type=click.File("w", encoding="utf-8", atomic=True), default="-")
@click.pass_obj
def write(context: Context, file: TextIO) -> None:
    """Write all entries as LDIF to FILE or standard output.

    Password hashes are not in it: nobody can read them over LDAP. To copy them too, run slapcat on the server.
    """
    for piece in export(context.admin):
        file.write(piece)


@command.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.pass_obj
def read(context: Context, file: TextIO) -> None:
    """Add the entries of an LDIF file that are not there yet; those that are stay as they are.

    Ids (entryUUID) are kept, so mailboxes find their owners. People without a password in the file need a new one.
    """
    added, known = load(context.admin, file)
    click.echo(f"{added} added, {known} were there")


@command.command("check")
@as_json
@click.pass_obj
def look(context: Context, as_json: bool) -> None:
    """Look for addresses claimed twice, dangling members, vacant posts ... Exit code 1 on anything serious."""
    findings = check(context.admin)
    columns = {
        "": lambda finding: "!" if finding.serious else "",
        "Entry": lambda finding: finding.entry,
        "What": lambda finding: finding.problem,
    }
    if findings or as_json:
        print_list(findings, columns, as_json)
    serious = sum(finding.serious for finding in findings)
    if serious:
        raise Fault(Kind.CONFLICT, f"{serious} serious")
    if not as_json:
        click.echo("Nothing serious.")
