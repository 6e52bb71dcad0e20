"""`odmail delegate`: people who act on all of somebody's mail, as private secretaries do."""

from datetime import datetime

import click

from odcore.directory.model import Person, Post
from odcore.errors import Fault, Kind
from odcore.sharing.api import COLLECTIONS, MAIL, Delegation, Power
from odcore.sharing.delegation import Delegations, Give
from odsuite.cli.context import Context
from odsuite.terminal import INSTANT, as_json, label, print_list


@click.group()
def command() -> None:
    """Delegates: people who read, write or send for a person or a post, each with powers of their own."""


_area = click.option(
    "--calendars", "area", flag_value=COLLECTIONS, default=MAIL, help="Of calendars and address books, not of mail."
)


@command.command("add")
@click.argument("owner")
@click.argument("person")
@_area
@click.option("--read", "powers", flag_value=Power.READ.value, multiple=True, help="Read all that is there.")
@click.option("--write", "powers", flag_value=Power.WRITE.value, multiple=True, help="Read, change and delete.")
@click.option("--send-as", "powers", flag_value=Power.SEND_AS.value, multiple=True, help="Write as OWNER.")
@click.option(
    "--on-behalf", "powers", flag_value=Power.ON_BEHALF.value, multiple=True, help="Write for OWNER, named in Sender."
)
@click.option("--until", type=INSTANT, help="Ends then by itself.")
@click.option("--standing", is_flag=True, help="For a post: stays when its holder hands over.")
@click.pass_obj
def add(
    context: Context,
    owner: str,
    person: str,
    area: str,
    powers: tuple[str, ...],
    until: datetime | None,
    standing: bool,
) -> None:
    """Let PERSON act for OWNER, a person or a post, with exactly these powers.

    What is given for a post ends when its present holder hands over, unless it is --standing.
    """
    given = Give(
        owner=find_owner(context, owner),
        delegate=context.directory.person(person),
        powers=frozenset(map(Power, powers)),
        until=until,
        standing=standing,
    )
    _delegations(context, area).give(given)


@command.command("list")
@click.argument("owner")
@_area
@as_json
@click.pass_obj
def show_list(context: Context, owner: str, area: str, as_json: bool) -> None:
    """Who acts for OWNER."""
    _print(context, context.foundation.register.delegations_of(area, find_owner(context, owner).id), as_json)


@command.command("of")
@click.argument("person")
@_area
@as_json
@click.pass_obj
def show_of(context: Context, person: str, area: str, as_json: bool) -> None:
    """For whom PERSON acts."""
    _print(context, context.foundation.register.delegations_to(area, context.directory.person(person).id), as_json)


@command.command("remove")
@click.argument("owner")
@click.argument("person")
@_area
@click.pass_obj
def remove(context: Context, owner: str, person: str, area: str) -> None:
    """PERSON acts for OWNER no more: open connections to OWNER's mail end within seconds."""
    _delegations(context, area).end(find_owner(context, owner), context.directory.person(person).id)


def _delegations(context: Context, area: str) -> Delegations:
    most = context.settings.sharing.delegates
    return Delegations(context.foundation.register, context.audit.record, context.actor, most, area)


def find_owner(context: Context, key: str) -> Person | Post:
    """Whose mail it is."""
    try:
        return context.directory.person(key)
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        return context.directory.post(key)


def _print(context: Context, found: list[Delegation], as_json: bool) -> None:
    def time(seconds: int) -> str:
        return datetime.fromtimestamp(seconds).astimezone().isoformat(" ", "minutes") if seconds else ""

    columns = {
        "Whose": lambda each: label(context.directory, each.owner),
        "Delegate": lambda each: label(context.directory, each.delegate),
        "May": lambda each: ", ".join(sorted(each.powers)),
        "Since": lambda each: time(each.since),
        "Until": lambda each: time(each.until),
        "With the charge of": lambda each: label(context.directory, each.giver),
    }
    print_list(found, columns, as_json)
