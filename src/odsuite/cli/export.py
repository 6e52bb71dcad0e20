"""`odmail export`: the mail of a person or post as mbox or Maildir."""

from pathlib import Path

import click

from odmail.transfer.exporting import Exporter
from odsuite.cli.context import Context
from odsuite.transfers import Bar, account_of, report


@click.group()
def command() -> None:
    """Write mail out, with its dates, flags and folders, as other programs read it.

    WHO is a person or a post. What is in FOLDER already is left as it is, so that one that was broken off goes on.
    """


@command.command("mbox")
@click.argument("who")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only tell what there is.")
@click.pass_obj
def mbox(context: Context, who: str, folder: Path, dry_run: bool) -> None:
    """A file for each mailbox, in folders as the mailboxes are."""
    with Bar() as bar:
        account = context.parts.open(account_of(context.directory, who))
        results = Exporter(account, folder.absolute(), bar).mbox(dry_run=dry_run)
    report(results)


@command.command("maildir")
@click.argument("who")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only tell what there is.")
@click.pass_obj
def maildir(context: Context, who: str, folder: Path, dry_run: bool) -> None:
    """A Maildir for each mailbox, one below the other (Dovecot: LAYOUT=fs)."""
    with Bar() as bar:
        account = context.parts.open(account_of(context.directory, who))
        results = Exporter(account, folder.absolute(), bar).maildir(dry_run=dry_run)
    report(results)
