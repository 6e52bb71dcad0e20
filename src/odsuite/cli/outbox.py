"""`odmail outbox`: text messages that no gateway took because none is configured, or that wait for it."""

from datetime import datetime

import click

from odcore.sms.api import Sms
from odsuite.cli.context import Context
from odsuite.terminal import as_json, print_json, print_list


@click.group()
def command() -> None:
    """Text messages: the outbox of a suite without a gateway."""


@command.command("list")
@click.option("--to", "number", default="", help="Only those to this number.")
@click.option("--waiting", is_flag=True, help="Those that wait for the gateway instead.")
@as_json
@click.pass_obj
def show_list(context: Context, number: str, waiting: bool, as_json: bool) -> None:
    """Messages with their text, oldest first. Who may read this may use the codes in them."""
    spool, texts = context.parts.sms, context.settings.sms.texts
    found = [each for each in (spool.waiting() if waiting else spool.outbox()) if number in each.number]
    if as_json:
        print_json([{"to": each.number, "template": each.template, "text": each.worded(texts)} for each in found])
        return
    columns = {"Written": _written, "To": lambda each: each.number, "Text": lambda each: each.worded(texts)}
    print_list(found, columns, False)


@command.command("clear")
@click.pass_obj
def clear(context: Context) -> None:
    """Empty the outbox."""
    click.echo(f"{context.parts.sms.clear()} deleted")


def _written(message: Sms) -> str:
    at: datetime = message.written.astimezone()
    return at.strftime("%Y-%m-%d %H:%M:%S")
