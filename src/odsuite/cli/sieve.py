"""`odmail sieve`: people's and posts' filter scripts; try one on a message before it counts."""

import sys
from pathlib import Path

import click

from odcore.directory.model import AccountRef
from odcore.errors import Fault, Kind
from odmail.delivery.checking import check_script
from odmail.delivery.programs import SiteScripts
from odmail.delivery.world import World
from odmail.mailbox.api import MailAccount
from odmail.mailbox.scripts import PutScript, RenameScript, digest
from odmail.message.parse import parse
from odmail.sieve.actions import Filing, Notify, Redirect, Reject, Vacation
from odmail.sieve.actions import Outcome as Wanted
from odmail.sieve.compiler import Program, Warned, compile_script
from odmail.sieve.house import Envelope
from odmail.sieve.interpreter import Script, interpret
from odmail.sieve.mail import Mail
from odmail.sieve.model import ScriptError
from odsuite.cli.context import Context
from odsuite.paper import Paper
from odsuite.terminal import as_json, print_list

_file = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
_script = click.argument("script", type=_file)
_account = click.argument("account")
_for = click.option("--account", help="Whose mailboxes, scripts and memory it may ask about.")


@click.group()
def command() -> None:
    """Filter scripts (Sieve) of people and posts, named by an address. FILE may be "-"."""


@command.command("check")
@_script
@_for
@click.pass_obj
def check(context: Context, script: Path, account: str | None) -> None:
    """Is SCRIPT valid? With an account, also what it names that is not there."""
    octets = _read(script)
    if account is None:
        _tell(_program(octets).warnings)
    else:
        _tell(check_script(context.parts.reach, _opened(context, account), _text(octets)))


@command.command("test")
@_script
@click.argument("message", type=_file)
@_for
@click.option("--from", "sender", default="", help="The reverse-path; that of the Return-Path field if not given.")
@click.option("--to", "recipient", default="", help="The forward-path; the account's address if not given.")
@click.option("--spam", type=click.FloatRange(0, 1), help="What the checks thought: 0 surely no spam, 1 surely.")
@click.option("--client", "remote_ip", default="", help="The address of the client that brings it.")
@click.option("--client-name", "remote_host", default="", help="That client's name in the DNS.")
@click.option("--no-trace", is_flag=True, help="Only what becomes of the message.")
@click.pass_obj
def test(
    context: Context,
    script: Path,
    message: Path,
    account: str | None,
    sender: str,
    recipient: str,
    spam: float | None,
    remote_ip: str,
    remote_host: str,
    no_trace: bool,
) -> None:
    """Run SCRIPT over MESSAGE, step by step, and print what would become of it. Nothing is done.

    Without an account there are no mailboxes but INBOX and nothing is remembered.
    """
    octets = _read(message)
    found = [Script(script.name, _program(_read(script)))]
    opened = _opened(context, account) if account else None
    reference = _reference(context, account) if account else None
    mail = Mail(octets, parse(octets).part)
    path = next((each.text.strip("<>") for each in mail.fields.named("return-path")), "")
    to = recipient or (reference.address if reference else "")
    envelope = Envelope(sender or path, to, spam, remote_host=remote_host, remote_ip=remote_ip)
    site = SiteScripts(context.settings.root / "sieve") if opened else None
    world = World(opened, context.parts.reach, site, context.settings.name) if opened and site else Paper()
    outcome = interpret(found, mail, envelope, world, traced=not no_trace)
    for line in (*outcome.trace, *described(outcome)):
        click.echo(line)
    if outcome.error:
        raise Fault(Kind.BAD_REQUEST, f"the script failed: {outcome.error}")


@command.command("list")
@_account
@as_json
@click.pass_obj
def show_list(context: Context, account: str, as_json: bool) -> None:
    """ACCOUNT's scripts."""
    columns = {
        "Name": lambda each: each.name,
        "Active": lambda each: "yes" if each.active else "",
        "Octets": lambda each: each.size,
    }
    print_list(_opened(context, account).scripts(), columns, as_json)


@command.command("get")
@_account
@click.argument("name")
@click.pass_obj
def get(context: Context, account: str, name: str) -> None:
    """Print a script."""
    sys.stdout.buffer.write(_opened(context, account).script(name).encode())


@command.command("put")
@_account
@click.argument("name")
@_script
@click.option("--activate", is_flag=True, help="And run it from now on.")
@click.pass_obj
def put(context: Context, account: str, name: str, script: Path, activate: bool) -> None:
    """Keep SCRIPT under NAME, if it is valid."""
    opened, text = _opened(context, account), _text(_read(script))
    _tell(check_script(context.parts.reach, opened, text))
    opened.put_script(PutScript(name, text))
    context.audit.record("filter-put", context.actor, opened.id, script=name, digest=digest(text))
    if activate:
        _activate(context, opened, name)


@command.command("activate")
@_account
@click.argument("name", default="")
@click.option("--none", "nothing", is_flag=True, help="Run no script any more.")
@click.pass_obj
def activate(context: Context, account: str, name: str, nothing: bool) -> None:
    """From now on run this script, and no other."""
    if bool(name) == nothing:
        raise click.UsageError("Name a script, or give --none.")
    _activate(context, _opened(context, account), name)


@command.command("rename")
@_account
@click.argument("old")
@click.argument("new")
@click.pass_obj
def rename(context: Context, account: str, old: str, new: str) -> None:
    """Give a script another name; if it is active it stays so."""
    opened = _opened(context, account)
    opened.rename_script(RenameScript(old, new))
    context.audit.record("filter-renamed", context.actor, opened.id, script=old, to=new)


@command.command("delete")
@_account
@click.argument("name")
@click.pass_obj
def delete(context: Context, account: str, name: str) -> None:
    """Delete a script that is not active."""
    opened = _opened(context, account)
    opened.delete_script(name)
    context.audit.record("filter-deleted", context.actor, opened.id, script=name)


def described(outcome: Wanted) -> list[str]:
    """What becomes of a message, in words."""
    lines = [_action(action) for action in outcome.actions]
    if outcome.keep is not None:
        lines.append(f"keep{_flags(outcome.keep)}")
    if outcome.edited is not None:
        lines.append("the header is changed:")
        lines += [f"  {line}" for line in outcome.edited.decode("utf-8", "replace").splitlines() if line]
    return [f"=> {line}" for line in lines or ["discard"]]


def _action(action: Filing | Redirect | Reject | Vacation | Notify) -> str:
    if isinstance(action, Filing):
        return f"fileinto {action.special_use or action.mailbox}{_flags(action)}"
    if isinstance(action, Redirect):
        return f"redirect to {action.address}"
    if isinstance(action, Reject):
        return f"reject: {action.reason}"
    if isinstance(action, Vacation):
        return f"vacation, once in {action.seconds} seconds: {action.reason}"
    return f"notify {action.method}: {action.message}"


def _flags(filing: Filing) -> str:
    return f" with {' '.join(filing.flags)}" if filing.flags else ""


def _reference(context: Context, address: str) -> AccountRef:
    found = context.directory.resolve(address)
    if len(found.local) != 1 or found.outside:
        raise Fault(Kind.NOT_FOUND, f"{address} is no person's and no post's address.")
    return found.local[0].account


def _activate(context: Context, opened: MailAccount, name: str) -> None:
    opened.activate_script(name)
    context.audit.record("filter-activated" if name else "filters-off", context.actor, opened.id, script=name)


def _opened(context: Context, address: str) -> MailAccount:
    return context.store.open(_reference(context, address).id)


def _read(path: Path) -> bytes:
    return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()


def _text(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        raise Fault(Kind.BAD_REQUEST, "The script is not UTF-8.") from None


def _program(octets: bytes) -> Program:
    try:
        return compile_script(octets)
    except ScriptError as error:
        raise Fault(Kind.BAD_REQUEST, str(error)) from None


def _tell(warnings: tuple[Warned, ...]) -> None:
    for each in warnings:
        click.echo(f"{each.place}: {each.text}", err=True)
