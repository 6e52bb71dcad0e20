"""`odmail calendar`: calendars and address books of people and posts, and who is let into them."""

from pathlib import Path

import click
import msgspec

from odcore.directory.model import Person, Post
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.sharing.api import Owner
from odcore.sharing.delegation import giver
from oddav.feeds.holidays import keep, read
from oddav.scheduling.users import of_post
from oddav.store import sharing
from oddav.store.first import first
from oddav.store.model import Right, Share
from oddav.store.store import Home
from odsuite.cli.context import Context
from odsuite.cli.delegate import find_owner
from odsuite.cli.share import find_subject
from odsuite.terminal import as_json, label, print_list

RIGHTS = {"free-busy": Right.FREE_BUSY, "read": Right.READ, "write": Right.WRITE}


class Row(msgspec.Struct, frozen=True):
    """One collection, to be printed."""

    name: str
    kind: str
    components: str
    items: int


@click.group()
def command() -> None:
    """Calendars, lists of tasks and address books, and who is let into them. All of them at once: odmail delegate."""


@command.command("list")
@click.argument("owner")
@as_json
@click.pass_obj
def show_list(context: Context, owner: str, as_json: bool) -> None:
    """What OWNER, a person or a post, has."""
    with home_of(context, owner).view() as view:
        found = [Row(each.name, each.kind, each.components, each.items) for each in view.collections()]
    columns = {
        "Name": lambda row: row.name,
        "Kind": lambda row: row.kind,
        "Holds": lambda row: row.components,
        "Items": lambda row: row.items,
    }
    print_list(found, columns, as_json)


@command.group("share")
def share() -> None:
    """Collections that people, posts, groups and offices are let into. They find them beside their own."""


@share.command("add")
@click.argument("owner")
@click.argument("collection")
@click.argument("identifier")
@click.argument("right", type=click.Choice(list(RIGHTS)))
@click.option("--standing", is_flag=True, help="For a post: stays when its holder hands over.")
@click.pass_obj
def add(context: Context, owner: str, collection: str, identifier: str, right: str, standing: bool) -> None:
    """Let IDENTIFIER into COLLECTION of OWNER: see when something happens, read all of it, or change it as well.

    IDENTIFIER is a person, a post, group:NAME, office:NAME or anyone (who signed in). In place of what they were given
    before. COLLECTION is a name of odmail calendar list.
    """
    whose = find_owner(context, owner)
    new = Share(collection, _subject(context, whose, identifier), RIGHTS[right], "" if standing else giver(whose))
    sharing.share(context.parts.register, _home(context, whose), new)
    facts = {"collection": collection, "with": identifier, "right": right}
    context.audit.record("collection-shared", context.actor, whose.id, **facts)


@share.command("list")
@click.argument("owner")
@as_json
@click.pass_obj
def show_shares(context: Context, owner: str, as_json: bool) -> None:
    """Whom OWNER lets into which collections."""
    columns = {
        "Collection": lambda each: each.collection,
        "Who": lambda each: context.parts.sharing.identifier(each.subject),
        "Right": lambda each: _word(each.right),
        "Given by": lambda each: label(context.directory, each.giver),
    }
    print_list(home_of(context, owner).shares(), columns, as_json)


@share.command("of")
@click.argument("person")
@as_json
@click.pass_obj
def show_of(context: Context, person: str, as_json: bool) -> None:
    """Who lets PERSON into which collections."""
    whom = context.directory.person(person)
    around = context.parts.collection_sharing.around(Principal(whom, context.directory.account(whom.id)))

    def into(owner: Owner) -> str:
        given = sharing.granted(owner, home_of(context, owner.account.id))
        all_of_it = [f"all: {_word(given.whole)}"] if given.whole else []
        return ", ".join([*all_of_it, *(f"{name}: {_word(right)}" for name, right in sorted(given.each.items()))])

    found = [owner for owners in around for owner in owners if not owner.holds]
    print_list(found, {"Whose": lambda owner: owner.label, "Collections": into}, as_json)


@share.command("remove")
@click.argument("owner")
@click.argument("collection")
@click.argument("identifier")
@click.pass_obj
def remove(context: Context, owner: str, collection: str, identifier: str) -> None:
    """IDENTIFIER is let into COLLECTION no more, from the next request on."""
    whose = find_owner(context, owner)
    subject = _subject(context, whose, identifier)
    sharing.unshare(context.parts.register, _home(context, whose), collection, subject)
    facts = {"collection": collection, "with": identifier}
    context.audit.record("collection-unshared", context.actor, whose.id, **facts)


@command.command("holidays")
@click.argument("owner")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--office", default="", help="For its people alone, and those of offices below it.")
@click.option("--collection", default="holidays", show_default=True, help="The name of the calendar.")
@click.pass_obj
def holidays(context: Context, owner: str, file: Path, office: str, collection: str) -> None:
    """Show the holidays in FILE to everybody, or to an office such as a district, beside their own calendars.

    FILE is a calendar (.ics), or a sheet (.csv, .xlsx, .ods) with a date and one name or several in each row. OWNER,
    best a post, keeps the calendar; nobody can write in it. Holidays of the same years that are not in FILE are taken
    out; other years stay. A district has a calendar of its own: give it a --collection beside the --office.
    """
    whose = find_owner(context, owner)
    home, wanted = _home(context, whose), read(file.read_bytes())
    title = collection.replace("-", " ").capitalize()
    changed = home.write(lambda tx: keep(tx, collection, title, wanted))
    subject = _subject(context, whose, f"office:{office}" if office else "anyone")
    sharing.share(context.parts.register, home, Share(collection, subject, Right.READ))
    facts = {"collection": collection, "with": subject, "days": str(len(wanted)), "changed": str(changed)}
    context.audit.record("holidays-loaded", context.actor, whose.id, **facts)
    click.echo(f"{len(wanted)} days; {changed} changes.")


def home_of(context: Context, owner: str) -> Home:
    """The collections of a person or a post."""
    return _home(context, find_owner(context, owner))


def _home(context: Context, owner: Person | Post) -> Home:
    born = first(owner.language) if isinstance(owner, Person) else first("en", of_post(owner).name)
    return context.parts.collections.open(owner.id, born)


def _subject(context: Context, owner: Person | Post, identifier: str) -> str:
    """Nothing is taken away here: whoever is not named has no right."""
    subject, negative = find_subject(context, owner, identifier)
    if negative:
        raise Fault(Kind.BAD_REQUEST, "A dash has no meaning here: odmail calendar share remove takes an entry out.")
    return subject


def _word(right: Right) -> str:
    return next(word for word, each in RIGHTS.items() if each is right)
