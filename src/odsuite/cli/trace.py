"""`odmail trace`: where is that message?"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import click

from odmail.history.model import Event
from odmail.history.trace import Wanted, trace
from odsuite.cli.context import Context
from odsuite.terminal import INSTANT, as_json, print_json, print_list


@click.command()
@click.argument("message")
@click.option("--since", type=INSTANT, help="Only messages that came from then on.")
@click.option("--until", type=INSTANT, help="Only messages that came until then.")
@click.option(
    "--most", default=100, show_default=True, type=click.IntRange(1, 100_000), help="Only the newest so many."
)
@as_json
@click.pass_obj
def command(
    context: Context, message: str, since: datetime | None, until: datetime | None, most: int, as_json: bool
) -> None:
    """What became of a message, from the connection to the folder, and why.

    MESSAGE is a Message-ID, an id of the queue or of a session, or an address: then all messages from or to it, also
    those that were refused. A Message-ID or an id leads on to what was made of the message: copies for a list, reports,
    redirects. Kept for 400 days; the last second may still be on its way. Whoever looks is in the audit trail.
    """
    found = trace(context.history, context.audit.record, context.actor, Wanted(message, since, until, most))
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo(f"Nothing is known of {message}.")
        return
    columns: dict[str, Callable[[tuple[str, Event]], object]] = {
        "Time": lambda row: datetime.fromtimestamp(row[1].at, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S"),
        "Message": lambda row: row[0],
        "What": lambda row: row[1].what,
        "Facts": lambda row: _facts(row[1].facts),
    }
    print_list([(story.id, each) for story in found for each in story.events], columns, as_json)


def _facts(facts: Mapping[str, object]) -> str:
    """One line for each."""
    return "\n".join(line for name, value in facts.items() for line in _lines(name.replace("_", " "), value))


def _lines(name: str, value: object) -> list[str]:
    if name in ("due", "next") and isinstance(value, int):
        return [f"{name}: {datetime.fromtimestamp(value, UTC).astimezone():%Y-%m-%d %H:%M:%S}"]
    if isinstance(value, list):
        return [f"{name}: {each}" for each in value]
    return [name if value is True else f"{name}: {value}"]
