"""`odmail queue`: what waits to be delivered, and an administrator's hand on it."""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import click

from odmail.queue.model import Destination, Queued, State, Status
from odsuite.cli.context import Context
from odsuite.terminal import as_json, confirmed, print_entry, print_list


@click.group()
def command() -> None:
    """The queue of this node."""


@command.command("list")
@click.argument("text", default="")
@click.option("--status", type=click.Choice([status.value for status in Status]), help="With such a recipient.")
@click.option("--most", default=1000, show_default=True, type=click.IntRange(1, 1_000_000), help="Only so many.")
@as_json
@click.pass_obj
def show_list(context: Context, text: str, status: str | None, most: int, as_json: bool) -> None:
    """Messages, oldest first; with TEXT, those whose id or an address holds it."""
    columns: dict[str, Callable[[Queued], object]] = {
        "Id": lambda message: message.id,
        "Accepted": lambda message: _time(message.accepted),
        "Size": lambda message: message.size,
        "From": lambda message: message.envelope.sender or "<>",
        "To": lambda message: "\n".join(each.recipient.address for each in message.recipients),
        "Status": lambda message: "\n".join(each.status for each in message.recipients),
        "Tries": lambda message: "\n".join(str(each.attempts) for each in message.recipients),
        "Next try": lambda message: "\n".join(_time(each.due) for each in message.recipients),
    }
    print_list(context.steering.list(text, Status(status) if status else None, most), columns, as_json)


@command.command("show")
@click.argument("message")
@as_json
@click.option("--content", is_flag=True, help="Print the message itself, as it lies in the queue.")
@click.pass_obj
def show(context: Context, message: str, content: bool, as_json: bool) -> None:
    """One message with all its recipients and what was answered last."""
    if content:
        sys.stdout.buffer.write(context.steering.content(message))
        return
    print_entry(context.steering.show(message), as_json)


@command.command("destinations")
@click.option("--most", default=1000, show_default=True, type=click.IntRange(1, 1_000_000), help="Only so many.")
@as_json
@click.pass_obj
def destinations(context: Context, most: int, as_json: bool) -> None:
    """Where mail waits to go, most mail first, and which destinations turned us away.

    open: it goes. narrowed: the destination has too many conversations with us, and gets fewer until a time. resting:
    nobody is asked until a time; then one message looks whether it goes again.
    """
    columns: dict[str, Callable[[Destination], object]] = {
        "Destination": lambda each: each.name,
        "Waiting": lambda each: str(each.waiting),
        "State": _state,
        "Until": lambda each: _time(each.until) if each.until else "",
        "Last reply": lambda each: each.reply,
    }
    print_list(context.steering.destinations(most), columns, as_json)


_messages = click.argument("messages", nargs=-1)
_all = click.option("--all", "everything", is_flag=True, help="All messages of the queue.")


@command.command("retry")
@_messages
@_all
@click.pass_obj
def retry(context: Context, messages: tuple[str, ...], everything: bool) -> None:
    """Try now what waits for its next attempt."""
    _report(context.steering.retry(_chosen(context, messages, everything)), "due now")


@command.command("hold")
@_messages
@_all
@click.pass_obj
def hold(context: Context, messages: tuple[str, ...], everything: bool) -> None:
    """Keep messages in the queue until they are released."""
    _report(context.steering.hold(_chosen(context, messages, everything)), "held")


@command.command("release")
@_messages
@_all
@click.pass_obj
def release(context: Context, messages: tuple[str, ...], everything: bool) -> None:
    """Let go what was held."""
    _report(context.steering.release(_chosen(context, messages, everything)), "released")


@command.command("bounce")
@_messages
@_all
@click.option("--reason", default="returned by the postmaster", show_default=True, help="What the report says.")
@confirmed
@click.pass_obj
def bounce(context: Context, messages: tuple[str, ...], everything: bool, reason: str, yes: bool) -> None:
    """Give messages back to their senders, with a report on each recipient that has not got them yet."""
    chosen = _chosen(context, messages, everything)
    if chosen and not yes:
        click.confirm(f"Give back {len(chosen)} messages?", abort=True)
    _report(context.steering.bounce(chosen, reason), "given back")


@command.command("reroute")
@_messages
@_all
@click.option("--via", metavar="HOST:PORT", default="", help="The server that gets them.")
@click.option("--by-mx", is_flag=True, help="As the DNS says again.")
@click.pass_obj
def reroute(context: Context, messages: tuple[str, ...], everything: bool, via: str, by_mx: bool) -> None:
    """Send messages for the outside by another server than the DNS or the configured relay says, from now on.

    TLS is used where that server offers it; MTA-STS and DANE of the recipient's domain do not speak of it. A message
    that was sent with REQUIRETLS goes only if the certificate names that server.
    """
    if bool(via) == by_mx:
        raise click.UsageError("Give --via HOST:PORT or --by-mx.")
    _report(context.steering.reroute(_chosen(context, messages, everything), via), "rerouted")


@command.command("delete")
@_messages
@_all
@confirmed
@click.pass_obj
def delete(context: Context, messages: tuple[str, ...], everything: bool, yes: bool) -> None:
    """Delete messages without a word to their senders."""
    chosen = _chosen(context, messages, everything)
    if chosen and not yes:
        click.confirm(f"Delete {len(chosen)} messages?", abort=True)
    _report(context.steering.delete(chosen), "deleted")


def _chosen(context: Context, messages: tuple[str, ...], everything: bool) -> Sequence[str]:
    if bool(messages) == everything:
        raise click.UsageError("Name messages by their ids, or give --all.")
    return [message.id for message in context.steering.list(most=1_000_000)] if everything else messages


def _report(count: int, what: str) -> None:
    click.echo(f"{count} {what}")


def _state(each: Destination) -> str:
    return f"narrowed to {each.at_once}" if each.state is State.NARROWED else each.state.value


def _time(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
