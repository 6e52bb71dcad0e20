"""`odmail token`: bearer tokens for OAUTHBEARER and XOAUTH2, issued to one device or program."""

from datetime import datetime, timedelta

import click

from odcore import clock
from odcore.directory.ops.device import IssueToken, issue_token, revoke
from odcore.errors import Fault, Kind
from odcore.identity.devices import SCOPES
from odsuite.cli.context import Context
from odsuite.cli.device_password import columns
from odsuite.terminal import INSTANT, as_json, print_list

_LIFE = timedelta(days=90)


@click.group()
def command() -> None:
    """Tokens: what a program shows instead of a password, good for what it was issued for and until its end."""


@command.command("issue")
@click.argument("person")
@click.option("--post", help="For the mailbox of a post that PERSON holds, instead of their own.")
@click.option("--name", default="", help='The device or program: "backup of the registry".')
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, default=("mail",), show_default=True)
@click.option("--expires", type=INSTANT, help="Good until then; without it for 90 days.")
@click.pass_obj
def issue(
    context: Context, person: str, post: str | None, name: str, scopes: tuple[str, ...], expires: datetime | None
) -> None:
    """Issue one to PERSON and print it, this once."""
    wanted = IssueToken(
        person=context.directory.person(person),
        post=context.directory.post(post) if post else None,
        name=name,
        scopes=scopes,
        expires=expires or clock.now() + _LIFE,
    )
    made, token = issue_token(context.admin, wanted)
    account = context.directory.account(made.account)
    click.echo(f"sign in as: {account.address}\ntoken:      {token}")


@command.command("list")
@click.argument("person")
@as_json
@click.pass_obj
def show_list(context: Context, person: str, as_json: bool) -> None:
    """PERSON's tokens; the secrets are known to nobody."""
    owner = context.directory.person(person)
    issued = (each for each in context.directory.device_passwords(owner.id) if each.token)
    print_list(issued, columns(context, owner, "Issued"), as_json)


@command.command("revoke")
@click.argument("person")
@click.argument("id")
@click.pass_obj
def remove(context: Context, person: str, id: str) -> None:
    """End a token of PERSON: its ID stands before the dot. Its open sessions end within seconds."""
    owner = context.directory.person(person)
    for token in context.directory.device_passwords(owner.id):
        if token.token and token.id == id.partition(".")[0]:
            revoke(context.admin, owner, token)
            return
    raise Fault(Kind.NOT_FOUND, f"{owner.uid} has no token {id.partition('.')[0]}.")
