"""`odmail import`: mail from other systems into the mailbox of a person or post."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from odcore.errors import Fault, Kind
from odmail.transfer.imap_source import ImapSource, Server
from odmail.transfer.importing import Import, Importer
from odmail.transfer.maildir_source import MaildirSource
from odmail.transfer.mbox_source import MboxSource
from odmail.transfer.model import Source
from odsuite.cli.context import Context
from odsuite.terminal import OCTETS
from odsuite.transfers import Bar, account_of, report

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False, readable=True)


@click.group()
def command() -> None:
    """Bring mail in, with its dates, flags and folders. One that was broken off goes on where it was.

    WHO is a person or a post: uid, name or address. Folders for sent mail, drafts, junk, trash and the archive become
    ours, known by SPECIAL-USE or by their usual names; other folders keep their names.
    """


_OPTIONS = (
    click.option("--into", default="", help="Put everything below this mailbox, folder by folder."),
    click.option("--rate", type=OCTETS, default=0, help='At most so much a second, "2 MiB".'),
    click.option("--dry-run", is_flag=True, help="Only tell what there is and where it would go."),
)


def _options(function: Any) -> Any:
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@command.command("imap")
@click.argument("who")
@click.argument("host")
@click.option("--port", type=int, help="993, or 143 with --starttls.")
@click.option("--login", required=True, help="The user name over there.")
@click.option("--password-file", type=_FILE, help="A file that holds the password; else it asks.")
@click.option("--acting-for", default="", help="Whose mail, when --login is a master user there.")
@click.option("--starttls", is_flag=True, help="Begin TLS on the port for plain text.")
@click.option(
    "--ca", default="", help="PEM file of the authority behind the server's certificate, if it is a private one."
)
@_options
@click.pass_obj
def imap(
    context: Context,
    /,
    who: str,
    host: str,
    port: int | None,
    login: str,
    password_file: Path | None,
    acting_for: str,
    starttls: bool,
    ca: str,
    **wanted: Any,
) -> None:
    """Everything in the account of an IMAP server. TLS is required and its certificate checked.

    Nothing is changed there. Run it again until the old server is switched off: only what is new comes over.
    """
    password = _password(password_file)
    server = Server(host, port or (143 if starttls else 993), login, password, starttls, acting_for)
    source = ImapSource(server, ca)
    try:
        _run(context, who, source, wanted)
    finally:
        source.close()


@command.command("mbox")
@click.argument("who")
@click.argument("path", type=click.Path(path_type=Path))
@_options
@click.pass_obj
def mbox(context: Context, /, who: str, path: Path, **wanted: Any) -> None:
    """An mbox file, or a folder of them such as Thunderbird's."""
    _run(context, who, MboxSource(path), wanted)


@command.command("maildir")
@click.argument("who")
@click.argument("path", type=click.Path(path_type=Path))
@_options
@click.pass_obj
def maildir(context: Context, /, who: str, path: Path, **wanted: Any) -> None:
    """A Maildir with its folders: Maildir++ or one below the other."""
    _run(context, who, MaildirSource(path), wanted)


def _run(context: Context, who: str, source: Source, wanted: dict[str, Any]) -> None:
    account, store = account_of(context.directory, who), context.parts
    with Bar() as bar, _unreadable():
        importer = Importer(store.open(account), context.settings.root / "imports", bar, store.space.check)
        results = importer.run(source, Import(**wanted))
    report(results)
    if any(result.failed for result in results):
        raise Fault(Kind.BAD_REQUEST, "Some messages could not be read; they are named above.")


@contextmanager
def _unreadable() -> Iterator[None]:
    """A file of the source, or of the journal, that may not be touched."""
    try:
        yield
    except OSError as error:
        raise Fault(Kind.DENIED, f"{error.filename}: {error.strerror}") from error


def _password(path: Path | None) -> str:
    if path is not None:
        return path.read_text("utf-8").rstrip("\r\n")
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password there", hide_input=True))
