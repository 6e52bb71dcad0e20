"""`odmail bulk`: many people at once, out of a sheet."""

import hashlib
from collections import Counter
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from odcore import disk
from odcore.directory.bulk import annotate, check, undo
from odcore.directory.bulk.apply import apply
from odcore.directory.bulk.candidate import Candidate, Verdict
from odcore.directory.bulk.journal import Journal
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.identity.rights import rights
from odsuite.cli.context import Context
from odsuite.terminal import as_json, confirmed, print_json, print_list

_FILE = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
_office = click.option("--office", default="", help="The office of rows that name none.")


@click.group()
def command() -> None:
    """People out of a sheet: .xlsx, .ods or .csv, headings in English or Odia or none at all."""


@command.command("check")
@_FILE
@_office
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help="An .xlsx to mend and check again.")
@as_json
@click.pass_obj
def check_(context: Context, file: Path, office: str, write: Path | None, as_json: bool) -> None:
    """What would become of each row of FILE: ok, mend, exists, refused. Nothing is created."""
    found = _checked(context, file.read_bytes(), office)
    if write is not None:
        with disk.faults():
            write.write_bytes(annotate.workbook(found, context.directory.default_domain()))
    _print(found, as_json)
    if not as_json:
        click.echo(_summary(found))


@command.command()
@_FILE
@click.option("--maker", required=True, help="Who answers for the sheet: somebody who may create people.")
@_office
@as_json
@click.pass_obj
def submit(context: Context, file: Path, maker: str, office: str, as_json: bool) -> None:
    """Hand FILE in for approval, as its maker does in the portal: somebody else then approves it there."""
    house = context.house
    from django.db.transaction import atomic

    from odweb.sheets import steps

    person = context.directory.person(maker)
    may = rights(context.directory, house.access, Principal(person, context.directory.account(person.id)))
    may.require(bool(may))
    place = context.directory.office(office).id if office else person.office or ""
    with atomic():  # where nobody would be created no draft stays
        sheet = steps.take(house, person, may, file.name, file.read_bytes(), place)
        steps.submit(house, context.actor, may, sheet)
    link = house.link(f"/sheets/{sheet.key}")
    if as_json:
        print_json({"key": sheet.key, "rows": len(sheet.rows), "wait": sheet.total, "link": link})
    else:
        click.echo(f"{sheet.total} of {len(sheet.rows)} rows wait for approval: {link}")


@command.command("apply")
@_FILE
@_office
@as_json
@click.pass_obj
def apply_(context: Context, file: Path, office: str, as_json: bool) -> None:
    """Create the people of FILE whose rows are ok. Run again after an interruption: it goes on, nobody is there twice.

    None of them has a password yet. `odmail bulk undo` takes them back within 24 hours.
    """
    octets = file.read_bytes()
    found = _checked(context, octets, office)
    bar = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*bar, console=Console(stderr=True), disable=as_json) as progress:
        task = progress.add_task("", total=len(found))
        zone = context.settings.time_zone.zone
        applied = apply(
            context.admin, found, _journal(context, octets), zone, lambda row: progress.update(task, completed=row)
        )
    if as_json:
        print_json(applied)
        return
    _print(applied.left, False)
    click.echo(f"{len(applied.made)} created, {len(applied.left)} left as they were.")


@command.command("undo")
@_FILE
@confirmed
@as_json
@click.pass_obj
def undo_(context: Context, file: Path, yes: bool, as_json: bool) -> None:
    """Delete the people that FILE created in the last 24 hours, except those who have set a password or hold a post."""
    journal = _journal(context, file.read_bytes())
    if not yes:
        click.confirm("Delete the people created from this sheet?", abort=True)
    undone = undo.undo(context.admin, journal)
    if as_json:
        print_json(undone)
        return
    for uid, why in undone.kept.items():
        click.echo(f"{uid} stays: {why}")
    click.echo(f"{len(undone.gone)} deleted, {len(undone.kept)} kept.")


def _checked(context: Context, octets: bytes, office: str) -> list[Candidate]:
    found = check.check(context.directory, check.read(context.directory, octets), office=office)
    if not found:
        raise Fault(Kind.BAD_REQUEST, "There is nobody in the sheet.")
    return found


def _journal(context: Context, octets: bytes) -> Journal:
    """Of this very file: named by what it holds, wherever it lies."""
    return Journal(context.settings.root / "bulk" / f"{hashlib.sha256(octets).hexdigest()[:32]}.jsonl")


def _print(found: list[Candidate] | tuple[Candidate, ...], json: bool) -> None:
    columns = {
        "Row": lambda each: each.row.number,
        "Verdict": lambda each: each.verdict,
        "Name": lambda each: each.name or each.row.name or each.row.odia,
        "Address": lambda each: each.uid,
        "What": lambda each: " ".join(map(str, each.remarks)),
    }
    if found or json:
        print_list(found, columns, json)


def _summary(found: list[Candidate]) -> str:
    count = Counter(each.verdict for each in found)
    return ", ".join(f"{count[verdict]} {verdict}" for verdict in Verdict)
