"""`odmail drive share`, `odmail calendar share`: the same commands over what each has to be shared."""

from collections.abc import Callable

import click
import msgspec

from odcore.identity.api import Principal
from odcore.sharing.api import Owner, Sharing
from oddav.shares import Area, Given, Shares
from odsuite.cli.context import Context
from odsuite.cli.delegate import find_owner
from odsuite.terminal import as_json, confirmed, label, print_list


class Kind(msgspec.Struct, frozen=True):
    """What one group of commands is about."""

    area: Callable[[Context], Area]
    sharing: Callable[[Context], Sharing]
    noun: str
    rights: tuple[str, ...]
    group_help: str
    add_help: str


def share_commands(kind: Kind) -> click.Group:
    """`share`, with what there is to do."""
    group = click.Group("share", help=kind.group_help)
    for each in (_add(kind), _list(kind), _of(kind), _remove(kind)):
        group.add_command(each)
    return group


def _shares(context: Context, kind: Kind) -> Shares:
    return Shares(kind.area(context), context.directory, context.audit.record, context.actor)


def _add(kind: Kind) -> click.Command:
    @click.command("add", help=kind.add_help)
    @click.argument("owner")
    @click.argument("what", metavar=kind.noun.upper())
    @click.argument("identifier")
    @click.argument("right", type=click.Choice(kind.rights))
    @click.option("--standing", is_flag=True, help="For a post: stays when its holder hands over.")
    @confirmed
    @click.pass_obj
    def add(context: Context, owner: str, what: str, identifier: str, right: str, standing: bool, yes: bool) -> None:
        whose, shares = find_owner(context, owner), _shares(context, kind)
        everything = shares.area.is_all(what)
        if everything and not yes:
            click.confirm(f"Share everything that is there, now and later, with {identifier}?", abort=True)
        shares.share(whose, what, identifier, right, standing=standing, everything=everything)

    return add


def _list(kind: Kind) -> click.Command:
    @click.command("list", help=f"Whom OWNER lets into which {kind.noun}s.")
    @click.argument("owner")
    @as_json
    @click.pass_obj
    def show_list(context: Context, owner: str, as_json: bool) -> None:
        columns: dict[str, Callable[[Given], object]] = {
            kind.noun.capitalize(): lambda each: each.what,
            "Who": lambda each: context.parts.sharing.identifier(each.subject),
            "Right": lambda each: each.right,
            "Given by": lambda each: label(context.directory, each.giver),
        }
        print_list(kind.area(context).given(find_owner(context, owner)), columns, as_json)

    return show_list


def _of(kind: Kind) -> click.Command:
    @click.command("of", help=f"Who lets PERSON into which {kind.noun}s.")
    @click.argument("person")
    @as_json
    @click.pass_obj
    def show_of(context: Context, person: str, as_json: bool) -> None:
        whom, area = context.directory.person(person), kind.area(context)
        around = kind.sharing(context).around(Principal(whom, context.directory.account(whom.id)))

        def into(owner: Owner) -> str:
            found = area.open_to(find_owner(context, owner.account.id), owner)
            return ", ".join(f"{what or 'all'}: {right}" for what, right in found.items())

        found = [owner for owners in around for owner in owners if not owner.holds]
        columns = {"Whose": lambda owner: owner.label, f"{kind.noun.capitalize()}s": into}
        print_list(found, columns, as_json)

    return show_of


def _remove(kind: Kind) -> click.Command:
    @click.command("remove", help=f"IDENTIFIER is let into {kind.noun.upper()} no more, from the next request on.")
    @click.argument("owner")
    @click.argument("what", metavar=kind.noun.upper())
    @click.argument("identifier")
    @click.pass_obj
    def remove(context: Context, owner: str, what: str, identifier: str) -> None:
        _shares(context, kind).unshare(find_owner(context, owner), what, identifier)

    return remove
