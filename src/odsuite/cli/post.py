"""`odmail post`: offices that people hold one after another, and who holds them."""

from datetime import datetime
from typing import Any

import click

from odcore import clock
from odcore.directory.ldap import LdapDirectory
from odcore.directory.model import Charge, ChargeKind, FormerRule, Post
from odcore.directory.ops.charge import Handover, give_up, hand_over, take_charge
from odcore.directory.ops.post import AddPost, EditPost, add_post, edit_post
from odcore.errors import Fault, Kind
from odsuite.cli.context import Context
from odsuite.tenures import archive
from odsuite.terminal import (
    INSTANT,
    OCTETS,
    add_delete_command,
    add_state_commands,
    as_json,
    label,
    names_in,
    print_entry,
    print_list,
    reserved,
    telephone,
    unlisted,
)


@click.group()
def command() -> None:
    """Posts: each owns its mailbox, whoever holds it."""


_address = click.option("--address", "addresses", multiple=True, help="Mail address; the first is the primary one.")
_office = click.option("--office", help="The office's short name.")
_quota = click.option(
    "--quota", type=OCTETS, help='What mail, calendars and files may each hold, "10 GiB"; 0 for the default.'
)
_kind = click.option(
    "--kind",
    type=click.Choice([kind.value for kind in ChargeKind]),
    default=ChargeKind.REGULAR.value,
    show_default=True,
    callback=lambda _context, _option, given: ChargeKind(given),
    help="How it is held.",
)
_former = click.option(
    "--former",
    type=click.Choice(["site", *(rule.value for rule in FormerRule)]),
    callback=lambda _context, _option, given: "" if given == "site" else given,
    help="Mail for who left: inform its senders, forward what names them, nothing; or as the site has it.",
)
_order = click.option("--order", required=True, help="Number of the office order.")
_at = click.option("--at", type=INSTANT, help="From when on, also in the future: 2026-12-01T10:00. Without it: now.")


@command.command("add")
@click.argument("cn")
@click.option("--title", required=True, help="Designation: Collector, Khordha.")
@_address
@names_in
@_office
@_quota
@telephone
@unlisted
@reserved
@click.pass_obj
def add(context: Context, /, cn: str, names_in: Any, **fields: Any) -> None:
    """Add a post, vacant. CN is its short name and, with the default domain, its address."""
    given = {name: value for name, value in fields.items() if value not in (None, ())}
    post = add_post(context.admin, AddPost(cn=cn, names=dict(names_in), **given))
    click.echo(f"{post.addresses[0]} {post.id}")


@command.command("edit")
@click.argument("key")
@click.option("--title", help="Designation.")
@_address
@names_in
@_office
@_quota
@telephone
@unlisted
@reserved
@_former
@click.pass_obj
def edit(context: Context, /, key: str, names_in: Any, addresses: tuple[str, ...], **fields: Any) -> None:
    """Change what is named; the rest stays. --address replaces all addresses by those given."""
    wanted = EditPost(names=dict(names_in) or None, addresses=addresses or None, **fields)
    edit_post(context.admin, context.directory.post(key), wanted)


@command.command("handover")
@click.argument("key")
@click.option("--to", "to", help="The person who takes charge: uid, address or id.")
@click.option("--vacant", is_flag=True, help="Nobody takes charge.")
@_order
@_at
@_kind
@_former
@click.pass_obj
def handover(context: Context, /, key: str, to: str | None, vacant: bool, **charge: Any) -> None:
    """Hand a post over: whoever holds it holds it no more, and the other does.

    From that instant on the old holder's open connections to it end, their device passwords for it are dead, and
    the new holder sees everything. Nothing moves.
    """
    if (to is None) is not vacant:
        raise Fault(Kind.BAD_REQUEST, "Say --to PERSON, or --vacant.")
    wanted = Handover(to=to or "", **charge)
    _tell(context, hand_over(context.admin, context.directory.post(key), wanted))


@command.command("take-charge")
@click.argument("key")
@click.option("--by", "by", required=True, help="The person: uid, address or id.")
@_order
@_at
@_kind
@click.pass_obj
def take(context: Context, /, key: str, by: str, **charge: Any) -> None:
    """Let one more person hold a post, beside those who do."""
    wanted = Handover(to=by, **charge)
    _tell(context, take_charge(context.admin, context.directory.post(key), wanted))


@command.command("relieve")
@click.argument("key")
@click.option("--person", required=True, help="The person: uid, address or id.")
@_order
@_at
@click.pass_obj
def relieve(context: Context, key: str, person: str, order: str, at: datetime | None) -> None:
    """End one person's charge; others who hold the post go on."""
    wanted = Handover(to=person, order=order, at=at)
    _tell(context, give_up(context.admin, context.directory.post(key), wanted))


@command.command("holders")
@click.argument("key")
@click.option("--at", type=INSTANT, help="Then, instead of the whole history.")
@as_json
@click.pass_obj
def holders(context: Context, key: str, at: datetime | None, as_json: bool) -> None:
    """Who holds a post, who held it, and by which orders."""
    post = context.directory.post(key)
    charges = [charge for charge in post.charges if at is None or charge.covers(at)]
    print_list(charges, _columns(context.directory), as_json)


@command.command("show")
@click.argument("key")
@as_json
@click.pass_obj
def show(context: Context, key: str, as_json: bool) -> None:
    """Everything about a post. KEY is its short name, an address or an id."""
    post = context.directory.post(key)
    now = [label(context.directory, holder) for holder in post.holders(clock.now())]
    print_entry(post, as_json, holders=now, office=post.office and label(context.directory, post.office))


@command.command("list")
@click.argument("text", default="")
@as_json
@click.pass_obj
def show_list(context: Context, text: str, as_json: bool) -> None:
    """All posts, or those whose title or address holds TEXT."""
    now = clock.now()
    columns = {
        "Post": lambda post: post.cn,
        "Title": lambda post: post.title,
        "Holders": lambda post: ", ".join(label(context.directory, each) for each in post.holders(now)) or "vacant",
        "Office": lambda post: label(context.directory, post.office),
        "State": lambda post: post.state,
    }
    print_list(context.directory.posts(text), columns, as_json)


def _columns(directory: LdapDirectory) -> dict[str, Any]:
    return {
        "Person": lambda charge: label(directory, charge.person),
        "From": lambda charge: charge.start.astimezone().isoformat(" ", "minutes"),
        "To": lambda charge: charge.end and charge.end.astimezone().isoformat(" ", "minutes"),
        "Kind": lambda charge: charge.kind,
        "Order": lambda charge: charge.order,
    }


def _tell(context: Context, post: Post) -> None:
    last: tuple[Charge, ...] = post.charges[-2:]
    print_list(last, _columns(context.directory), json=False)


def _find(directory: LdapDirectory, key: str) -> Any:
    return directory.post(key)


command.add_command(archive)
add_state_commands(command, _find)
add_delete_command(command, _find, "The mailbox and the history of charges go out of reach.")
