"""What `odmail import` and `odmail export` show: a bar while it goes on, a table at the end."""

import sys
from collections.abc import Sequence
from types import TracebackType

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from odcore.directory.ldap import LdapDirectory
from odcore.directory.model import AccountRef
from odcore.errors import Fault, Kind
from odmail.transfer.model import Result

_WIDE = 240


class Bar:
    """`odmail.transfer.model.Progress` on a terminal; into a file or pipe it writes nothing."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task("", total=0)

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def folder(self, result: Result) -> None:
        """See `odmail.transfer.model.Progress`."""
        self._progress.remove_task(self._task)
        self._task = self._progress.add_task(result.folder, total=result.found, completed=result.before)

    def moved(self, messages: int, octets: int) -> None:
        """See `odmail.transfer.model.Progress`."""
        self._progress.advance(self._task, messages)


def account_of(directory: LdapDirectory, who: str) -> AccountRef:
    """A person or a post."""
    try:
        owner = directory.person(who).id
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        owner = directory.post(who).id
    return directory.account(owner)


def report(results: Sequence[Result]) -> None:
    """A line for each folder, and what could not be read."""
    table = Table("Folder", "Goes to", "Found", "Done", "Before", "Failed")
    for each in results:
        numbers = (each.found, each.done, each.before, len(each.failed))
        table.add_row(each.folder, each.target, *map(str, numbers))
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)
    for each in results:
        for failure in each.failed:
            click.echo(f"{each.folder}: {failure}")
