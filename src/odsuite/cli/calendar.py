"""`odmail calendar`: calendars and address books of people and posts, and who is let into them."""

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from oddav.feeds.holidays import keep, read
from oddav.feeds.subscribing import Subscription, titled
from oddav.shares import Collections, Given
from oddav.store.ops import feeds
from odsuite.cli.context import Context
from odsuite.cli.delegate import find_owner
from odsuite.sharing_commands import Kind, share_commands
from odsuite.terminal import as_json, print_list


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
    with _area(context).home(find_owner(context, owner)).view() as view:
        found = [Row(each.name, each.kind, each.components, each.items) for each in view.collections()]
    columns = {
        "Name": lambda row: row.name,
        "Kind": lambda row: row.kind,
        "Holds": lambda row: row.components,
        "Items": lambda row: row.items,
    }
    print_list(found, columns, as_json)


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
    area, wanted = _area(context), read(file.read_bytes())
    title = collection.replace("-", " ").capitalize()
    changed = area.home(whose).write(lambda tx: keep(tx, collection, title, wanted))
    subject = context.parts.sharing.subject(f"office:{office}" if office else "anyone")
    area.give(whose, Given(collection, subject, "read"))
    facts = {"collection": collection, "with": subject, "days": str(len(wanted)), "changed": str(changed)}
    context.audit.record("holidays-loaded", context.actor, whose.id, **facts)
    click.echo(f"{len(wanted)} days; {changed} changes.")


@command.command("subscribe")
@click.argument("owner")
@click.argument("url")
@click.argument("title")
@click.pass_obj
def subscribe(context: Context, owner: str, url: str, title: str) -> None:
    """Show OWNER the calendar at URL, read-only and fetched by the server, as TITLE.

    Its host must be one of [subscriptions] hosts. The owner ends it by deleting the calendar in a program.
    """
    whose = find_owner(context, owner)
    name = context.parts.subscribing.subscribe(_area(context).home(whose), Subscription(url, titled(title)))
    context.audit.record("calendar-subscribed", context.actor, whose.id, collection=name, url=url)
    click.echo(f"{name}: fetched within a minute.")


@command.command("subscriptions")
@click.argument("owner")
@as_json
@click.pass_obj
def show_subscriptions(context: Context, owner: str, as_json: bool) -> None:
    """What OWNER has subscribed to, when it was last fetched, and what went wrong."""
    columns = {
        "Name": lambda each: each.name,
        "From": lambda each: each.source,
        "Fetched": lambda each: f"{datetime.fromtimestamp(each.fetched, UTC):%Y-%m-%d %H:%M}Z" if each.fetched else "",
        "Problem": lambda each: each.said,
    }
    print_list(_area(context).home(find_owner(context, owner)).read(feeds.feeds), columns, as_json)


def _area(context: Context) -> Collections:
    return Collections(context.parts.register, context.parts.collections)


command.add_command(
    share_commands(
        Kind(
            area=_area,
            sharing=lambda context: context.parts.collection_sharing,
            noun=Collections.noun,
            rights=Collections.rights,
            group_help="Collections that people, posts, groups and offices are let into, beside their own.",
            add_help="""Let IDENTIFIER into COLLECTION of OWNER: see when something happens, read it, or change it.

            IDENTIFIER is a person, a post, group:NAME, office:NAME or anyone (who signed in). In place of what they
            were given before. COLLECTION is a name of odmail calendar list.
            """,
        )
    )
)
