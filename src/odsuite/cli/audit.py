"""`odmail audit`: who did what."""

from datetime import UTC, datetime

import click

from odcore.errors import Fault, Kind
from odsuite.cli.context import Context
from odsuite.terminal import INSTANT, as_json, label, print_list


@click.group()
def command() -> None:
    """The audit trail: append-only, and a changed line betrays itself."""


@command.command("list")
@click.argument("key", default="")
@click.option("--event", default="", help="Only events of this name: sign-in, post-handed-over.")
@click.option("--since", type=INSTANT, help="Only from then on.")
@click.option(
    "--most", default=100, show_default=True, type=click.IntRange(1, 100_000), help="Only the newest so many."
)
@as_json
@click.pass_obj
def show_list(context: Context, key: str, event: str, since: datetime | None, most: int, as_json: bool) -> None:
    """What happened, newest last. KEY: only what a person, post or other entry did or underwent."""
    about = frozenset((_id(context, key),)) if key else frozenset()
    start = since.astimezone(UTC).isoformat() if since else ""
    columns = {
        "No.": lambda row: row.number,
        "Time (UTC)": lambda row: row.at[:19].replace("T", " "),
        "Event": lambda row: row.event,
        "By": lambda row: label(context.directory, row.actor) if row.actor and ":" not in row.actor else row.actor,
        "About": lambda row: label(context.directory, row.subject),
        "Facts": lambda row: " ".join(f"{name}={value}" for name, value in sorted(row.facts.items())),
    }
    print_list(context.audit.events(since=start, event=event, about=about, most=most), columns, as_json)


@command.command("looked")
@click.argument("key")
@click.option("--since", type=INSTANT, help="Only from then on.")
@click.option(
    "--most", default=100, show_default=True, type=click.IntRange(1, 100_000), help="Only the newest so many."
)
@as_json
@click.pass_obj
def show_looked(context: Context, key: str, since: datetime | None, most: int, as_json: bool) -> None:
    """Who opened a mailbox of KEY, a person or a post, that was not their own: once for each session and mailbox."""
    owner = _id(context, key)
    start = since.astimezone(UTC).isoformat() if since else ""
    columns = {
        "Time (UTC)": lambda row: row.at[:19].replace("T", " "),
        "Who": lambda row: label(context.directory, row.actor),
        "Mailbox": lambda row: row.facts.get("mailbox", ""),
        "From": lambda row: row.facts.get("address", ""),
        "With": lambda row: row.facts.get("service", ""),
        "Session": lambda row: row.facts.get("session", ""),
    }
    found = context.audit.events(since=start, event="mailbox-opened", to=owner, most=most)
    print_list(found, columns, as_json)


@command.command("verify")
@click.option("--head", default="", help="A digest printed by an earlier verify: must still be part of the trail.")
@click.pass_obj
def verify(context: Context, head: str) -> None:
    """Check the whole chain. Exit code 1 when a row was changed, added or removed.

    A chain cannot show that its end was cut off: note the digest that is printed, and give it back next time.
    """
    verdict = context.audit.verify(head)
    if verdict.broken:
        raise Fault(Kind.CONFLICT, f"Row {verdict.broken} was tampered with; the {verdict.rows} before it are sound.")
    if not verdict.holds:
        raise Fault(Kind.CONFLICT, "The trail is sound in itself but does not hold that digest: its end was cut off.")
    click.echo(f"{verdict.rows} rows, all sound\nhead: {verdict.head}")


def _id(context: Context, key: str) -> str:
    for find in (context.directory.person, context.directory.post, context.directory.group):
        try:
            return find(key).id
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise
    return key  # "cli:root", or the id of an entry that is gone
