"""`odmail quota`: who uses how much."""

import click

from odsuite.cli.context import Context
from odsuite.terminal import as_json, print_list

_UNIT = 1 << 20


@click.group()
def command() -> None:
    """What people and posts use of what they may hold, on this node.

    A quota is given with `odmail person edit --quota` and `odmail post edit --quota`; who has none has the site's.
    """


@command.command("list")
@click.argument("text", default="")
@click.option("--over", type=click.IntRange(0), default=0, help="Only those that use so many percent, or more.")
@as_json
@click.pass_obj
def show_list(context: Context, text: str, over: int, as_json: bool) -> None:
    """The fullest first; with TEXT, those whose name or address holds it. Sizes are in MiB."""
    directory = context.directory
    found = context.parts.usage.fullest([*directory.people(text), *directory.posts(text)], over)
    columns = {
        "Address": lambda used: next(iter(used.entry.addresses), ""),
        "Full": lambda used: f"{used.percent} %",
        "Mail": lambda used: used.mail // _UNIT,
        "of": lambda used: used.mail_limit // _UNIT or "-",
        "Files": lambda used: used.files // _UNIT,
        "of ": lambda used: used.files_limit // _UNIT or "-",
    }
    print_list(found, columns, as_json)
