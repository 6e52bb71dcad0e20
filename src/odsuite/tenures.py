"""`odmail post archive`: the mail of past holders, sealed when their charge ended."""

from datetime import UTC, datetime

import click

from odcore import clock
from odcore.directory.model import Post
from odmail.message import header
from odmail.tenure.model import Sealed, ended
from odsuite.cli.context import Context
from odsuite.terminal import as_json, label, print_list

_MOST = 100


@click.group()
def archive() -> None:
    """What belonged to each tenure of a post: sealed when it ended, with the digest of each message.

    The suite seals by itself within moments. TENURE is the id that `list` shows; each reading is in the audit trail.
    """


@archive.command("list")
@click.argument("post")
@as_json
@click.pass_obj
def show_list(context: Context, post: str, as_json: bool) -> None:
    """The sealed tenures of a post."""
    columns = {
        "Tenure": lambda each: each.tenure.id,
        "Holder": lambda each: label(context.directory, each.tenure.person),
        "From": lambda each: each.tenure.start.astimezone().isoformat(" ", "minutes"),
        "To": lambda each: each.tenure.end.astimezone().isoformat(" ", "minutes"),
        "Order": lambda each: each.tenure.order,
        "Messages": lambda each: each.messages,
        "Octets": lambda each: each.octets,
        "Sealed": lambda each: each.at.astimezone().isoformat(" ", "minutes"),
    }
    print_list(_sealed(context, context.directory.post(post)), columns, as_json)


@archive.command("seal")
@click.argument("post")
@click.pass_obj
def seal(context: Context, post: str) -> None:
    """Seal what is over and is not sealed yet, for a suite whose queue worker does not run."""
    done = context.parts.sealing.seal(context.directory.post(post))
    click.echo(f"{len(done)} sealed, {sum(each.messages for each in done)} messages")


@archive.command("search")
@click.argument("tenure")
@click.argument("words", nargs=-1)
@as_json
@click.pass_obj
def search(context: Context, tenure: str, words: tuple[str, ...], as_json: bool) -> None:
    """Messages that hold all WORDS in header or text, the newest first; without WORDS the newest."""
    tenures = context.parts.tenures
    text = " ".join(words)
    hits = tenures.search(tenure, text, _MOST)
    context.audit.record("tenure-searched", context.actor, tenures.of(tenure).tenure.post, tenure=tenure)
    columns = {
        "Received": lambda hit: datetime.fromtimestamp(hit.received, UTC).astimezone().isoformat(" ", "minutes"),
        "Folder": lambda hit: hit.folder,
        "Uid": lambda hit: hit.uid,
        "From": lambda hit: header.value(hit.header, "From") or "",
        "Subject": lambda hit: header.value(hit.header, "Subject") or "",
    }
    print_list(hits, columns, as_json)


@archive.command("read")
@click.argument("tenure")
@click.argument("folder")
@click.argument("uid", type=int)
@click.pass_obj
def read(context: Context, tenure: str, folder: str, uid: int) -> None:
    """Write one message to standard output, as it was sealed."""
    tenures = context.parts.tenures
    octets = tenures.message(tenure, folder, uid)
    facts = {"tenure": tenure, "folder": folder, "uid": str(uid)}
    context.audit.record("tenure-read", context.actor, tenures.of(tenure).tenure.post, **facts)
    click.echo(octets, nl=False)


@archive.command("verify")
@click.argument("post")
@click.pass_obj
def verify(context: Context, post: str) -> None:
    """Compare messages with their manifest, and manifests with the audit trail; exit code 1 when one is not whole."""
    entry = context.directory.post(post)
    events = context.audit.events(event="tenure-sealed", to=entry.id, most=100_000)
    digests = {each.facts["tenure"]: each.facts["digest"] for each in events}
    broken = 0
    for sealed in _sealed(context, entry):
        found = context.parts.tenures.verify(sealed.tenure.id, digests.get(sealed.tenure.id, ""))
        broken += bool(found)
        click.echo(f"{sealed.tenure.id} {'whole' if not found else 'NOT WHOLE'}, {sealed.messages} messages")
        for each in found:
            click.echo(f"    {each}")
    if broken:
        raise SystemExit(1)


def _sealed(context: Context, post: Post) -> list[Sealed]:
    tenures = context.parts.tenures
    return [tenures.of(each.id) for each in ended(post, clock.now()) if tenures.is_sealed(each.id)]
