"""`odmail person`: people and their passwords."""

import sys
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import click

from odcore import clock, ids
from odcore.directory.ldap import LdapDirectory
from odcore.directory.model import State
from odcore.directory.ops.person import AddPerson, EditPerson, add_person, edit_person, set_password, set_photo
from odcore.directory.ops.state import set_state
from odcore.directory.photo import MOST_SENT
from odcore.directory.record import format_instant
from odcore.errors import Fault, Kind
from odcore.identity.dormant import dormant
from odsuite.cli.context import Context
from odsuite.terminal import (
    INSTANT,
    OCTETS,
    add_delete_command,
    add_state_commands,
    as_json,
    confirmed,
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
    """People: each has one lifelong mailbox of their own."""


_FIELDS = (
    click.option("--address", "addresses", multiple=True, help="Mail address; the first is the primary one."),
    click.option("--name", help="Full name as it is shown; without it: given and family name."),
    names_in,
    click.option("--office", help="The office's short name."),
    click.option("--title", help="Designation, for show only; a post is `odmail post`."),
    telephone,
    click.option("--mobile", help="Mobile number; only directory.numbers and the person see it."),
    click.option("--home-phone", help="Number of the residence; seen by the same."),
    unlisted,
    click.option("--language", help="Language of pages and automatic mail: en, or, hi; else the domain's."),
    click.option("--employee-number", help="Number in the personnel system."),
    click.option("--contractor/--official", default=None, help="A contractor's mail is marked for everybody to see."),
    click.option(
        "--quota",
        type=OCTETS,
        help='What mail, calendars and files may each hold, "2 GiB"; 0 for the default of the site.',
    ),
    reserved,
)


def _fields(function: Any) -> Any:
    for option in reversed(_FIELDS):
        function = option(function)
    return function


@command.command("add")
@click.argument("uid")
@click.option("--given-name", default="", help="Given name.")
@click.option("--family-name", required=True, help="Family name.")
@click.option("--expires", type=INSTANT, help="Retirement or end of contract: disabled from then on.")
@click.option("--generate", is_flag=True, help="Make up a password and print it.")
@_fields
@click.pass_obj
def add(context: Context, /, uid: str, expires: datetime | None, generate: bool, names_in: Any, **fields: Any) -> None:
    """Add a person. UID is the lifelong login and, with the default domain, the address.

    Without --generate nobody can sign in until `odmail person password` sets one.
    """
    password = ids.readable(16) if generate else ""
    given = {name: value for name, value in fields.items() if value not in (None, ())}
    person = add_person(
        context.admin, AddPerson(uid=uid, names=dict(names_in), expires=expires, password=password, **given)
    )
    click.echo(f"{person.addresses[0]} {person.id}" + (f"\npassword: {password}" if generate else ""))


@command.command("edit")
@click.argument("key")
@click.option("--given-name", help="Given name.")
@click.option("--family-name", help="Family name.")
@click.option("--expires", type=INSTANT, help="Retirement or end of contract: disabled from then on.")
@click.option("--never-expires", is_flag=True, help="Remove that date.")
@_fields
@click.pass_obj
def edit(
    context: Context,
    /,
    key: str,
    expires: datetime | None,
    never_expires: bool,
    names_in: Any,
    addresses: tuple[str, ...],
    **fields: Any,
) -> None:
    """Change what is named; the rest stays. --address replaces all addresses by those given. "" empties a field."""
    end = "" if never_expires else format_instant(expires) if expires else None
    wanted = EditPerson(names=dict(names_in) or None, addresses=addresses or None, expires=end, **fields)
    edit_person(context.admin, context.directory.person(key), wanted)


@command.command("show")
@click.argument("key")
@as_json
@click.pass_obj
def show(context: Context, key: str, as_json: bool) -> None:
    """Everything about a person, the posts they hold now included. KEY is a uid, an address or an id."""
    person = context.directory.person(key)
    posts = [post.cn for post in context.directory.posts_held(person.id, clock.now())]
    print_entry(person, as_json, posts=posts, office=person.office and label(context.directory, person.office))


@command.command("list")
@click.argument("text", default="")
@as_json
@click.pass_obj
def show_list(context: Context, text: str, as_json: bool) -> None:
    """All people, or those whose name, address or number holds TEXT."""
    columns = {
        "Uid": lambda person: person.uid,
        "Name": lambda person: person.name,
        "Address": lambda person: next(iter(person.addresses), ""),
        "Title": lambda person: person.title,
        "Office": lambda person: label(context.directory, person.office),
        "State": lambda person: person.state,
    }
    print_list(context.directory.people(text), columns, as_json)


@command.command("dormant")
@click.argument("text", default="")
@click.option("--days", type=click.IntRange(1), default=90, show_default=True, help="Not seen for so many.")
@click.option("--disable", is_flag=True, help="Disable all of them; asks first.")
@confirmed
@as_json
@click.pass_obj
def show_dormant(context: Context, text: str, days: int, disable: bool, yes: bool, as_json: bool) -> None:
    """Active people who have not signed in, those who never did first; TEXT as for `list`."""
    before = clock.now() - timedelta(days=days)
    found = dormant(context.directory.people(text), context.uses.last(), before)
    columns = {
        "Uid": lambda each: each.person.uid,
        "Name": lambda each: each.person.name,
        "Office": lambda each: label(context.directory, each.person.office),
        "Added": lambda each: each.person.created and f"{each.person.created.astimezone():%Y-%m-%d}",
        "Last seen": lambda each: f"{each.last.astimezone():%Y-%m-%d}" if each.last else "never",
    }
    print_list(found, columns, as_json)
    if not disable or not found:
        return
    if not yes:
        click.confirm(f"Disable these {len(found)}?", abort=True)
    for each in found:
        set_state(context.admin, each.person, State.DISABLED)


@command.command("password")
@click.argument("key")
@click.option("--stdin", is_flag=True, help="Read it from standard input, one line.")
@click.option("--generate", is_flag=True, help="Make one up and print it.")
@click.pass_obj
def password(context: Context, key: str, stdin: bool, generate: bool) -> None:
    """Set a person's directory password. Asks for it, unless told otherwise."""
    if stdin and generate:
        raise Fault(Kind.BAD_REQUEST, "Either --stdin or --generate.")
    person = context.directory.person(key)
    if generate:
        secret = "-".join(ids.readable(4) for _ in range(4))
    elif stdin:
        secret = sys.stdin.readline().rstrip("\r\n")
    else:
        secret = click.prompt("New password", hide_input=True, confirmation_prompt=True)
    set_password(context.admin, person, secret)
    if generate:
        click.echo(secret)


@command.command("reset-second-step")
@click.argument("key")
@click.option("--reason", required=True, help="Why, for the audit trail: who asked, and how they were recognised.")
@click.pass_obj
def reset_second_step(context: Context, key: str, reason: str) -> None:
    """For who has lost phone and codes: app, passkeys and recovery codes are void, the password alone signs in.

    Who must have a second step (the group portal.two-steps) is asked to set up another at once.
    """
    if not reason.strip() or not reason.isprintable():
        raise Fault(Kind.BAD_REQUEST, "Say why: --reason.")
    house = context.house
    from odweb.factors import second

    second.reset(house, context.actor, context.directory.person(key).id, reason=reason.strip())


@command.command("photo")
@click.argument("key")
@click.argument("file", type=click.File("rb"), required=False)
@click.pass_obj
def photo(context: Context, key: str, file: BinaryIO | None) -> None:
    """Set what the directory book shows of a person: a JPEG or PNG, "-" for standard input.

    Without FILE it is removed. What is kept is a small JPEG, without what the camera wrote beside the picture.
    """
    set_photo(context.admin, context.directory.person(key), file.read(MOST_SENT + 1) if file else b"")


def _find(directory: LdapDirectory, key: str) -> Any:
    return directory.person(key)


add_state_commands(command, _find)
add_delete_command(command, _find, "The mailbox stays on disk under its id.")
