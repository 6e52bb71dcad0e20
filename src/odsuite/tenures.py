"""`odmail post archive`: what past holders of a post left, sealed when their charge ended."""

from datetime import UTC, datetime

import click

from odcore import clock
from odcore.directory.model import Post
from odmail.tenure.model import Sealed, ended
from odsuite.cli.context import Context
from odsuite.terminal import as_json, confirmed, label, print_list

_MOST = 100


@click.group()
def archive() -> None:
    """What belonged to each tenure of a post (mail, calendars, contacts, notes, files): sealed when it ended.

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
        "Papers": lambda each: each.papers,
        "Octets": lambda each: each.octets,
        "Sealed": lambda each: each.at.astimezone().isoformat(" ", "minutes"),
        "Kept": lambda each: _kept(context, each),
    }
    print_list(_sealed(context, context.directory.post(post)), columns, as_json)


@archive.command("seal")
@click.argument("post")
@click.pass_obj
def seal(context: Context, post: str) -> None:
    """Seal what is over and is not sealed yet, for a suite whose queue worker does not run."""
    done = context.parts.sealing.seal(context.directory.post(post))
    messages, papers = sum(each.messages for each in done), sum(each.papers for each in done)
    click.echo(f"{len(done)} sealed, {messages} messages, {papers} papers")


@archive.command("search")
@click.argument("tenure")
@click.argument("words", nargs=-1)
@as_json
@click.pass_obj
def search(context: Context, tenure: str, words: tuple[str, ...], as_json: bool) -> None:
    """What holds all WORDS: mail in header or text, items in theirs, files in their names; the newest first.

    Without WORDS the newest.
    """
    tenures = context.parts.tenures
    text = " ".join(words)
    hits = tenures.search(tenure, text, _MOST)
    context.audit.record("tenure-searched", context.actor, tenures.of(tenure).tenure.post, tenure=tenure)
    columns = {
        "When": lambda hit: datetime.fromtimestamp(hit.received, UTC).astimezone().isoformat(" ", "minutes"),
        "What": lambda hit: hit.area,
        "Folder": lambda hit: hit.folder,
        "Uid": lambda hit: hit.uid,
        "From": lambda hit: hit.sender,
        "Subject": lambda hit: hit.subject,
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


@archive.command("paper")
@click.argument("tenure")
@click.argument("uid", type=int)
@click.pass_obj
def paper(context: Context, tenure: str, uid: int) -> None:
    """Write one paper (an item of a calendar or address book, a file) to standard output, as it was sealed."""
    tenures = context.parts.tenures
    _entry, file = tenures.paper(tenure, uid)
    context.audit.record("tenure-read", context.actor, tenures.of(tenure).tenure.post, tenure=tenure, paper=str(uid))
    with file:
        while piece := file.read(1 << 20):
            click.echo(piece, nl=False)


@archive.command("destroy")
@click.argument("tenure")
@click.option("--order", required=True, help="Number of the order to destroy it.")
@confirmed
@click.pass_obj
def destroy(context: Context, tenure: str, order: str, yes: bool) -> None:
    """End a tenure whose time is over (`[tenure] keep`). The manifest, which has no contents, and the deed stay."""
    tenures = context.parts.tenures
    sealed = tenures.of(tenure)
    if not yes:
        click.confirm(f"Destroy {sealed.messages} messages and {sealed.papers} papers for good?", abort=True)
    tenures.retention.destroy(sealed, context.actor, order)


@archive.command("verify")
@click.argument("post")
@click.pass_obj
def verify(context: Context, post: str) -> None:
    """Compare what is there with the manifest, and manifests with the trail; exit code 1 when one is not whole."""
    entry = context.directory.post(post)
    events = context.audit.events(event="tenure-sealed", to=entry.id, most=100_000)
    digests = {each.facts["tenure"]: each.facts["digest"] for each in events}
    broken = 0
    for sealed in _sealed(context, entry):
        if context.parts.tenures.retention.destroyed(sealed.tenure.id):
            click.echo(f"{sealed.tenure.id} {_kept(context, sealed)}")
            continue
        found = context.parts.tenures.verify(sealed.tenure.id, digests.get(sealed.tenure.id, ""))
        broken += bool(found)
        state = "NOT WHOLE" if found else "whole"
        click.echo(f"{sealed.tenure.id} {state}, {sealed.messages} messages, {sealed.papers} papers")
        for each in found:
            click.echo(f"    {each}")
    if broken:
        raise SystemExit(1)


def _kept(context: Context, sealed: Sealed) -> str:
    """Until when, or what became of it."""
    retention = context.parts.tenures.retention
    if deed := retention.destroyed(sealed.tenure.id):
        return f"destroyed {deed.at.astimezone():%Y-%m-%d}, order {deed.order}"
    until = retention.until(sealed)
    return f"until {until.astimezone():%Y-%m-%d}" if until else "for good"


def _sealed(context: Context, post: Post) -> list[Sealed]:
    tenures = context.parts.tenures
    return [tenures.of(each.id) for each in ended(post, clock.now()) if tenures.is_sealed(each.id)]
