"""`odmail init`: a commented configuration to start from."""

import os
from pathlib import Path

import click

from odcore.config.explain import example
from odcore.errors import Fault, Kind
from odsuite.cli.context import Context
from odsuite.settings import Settings


@click.command()
@click.option("--hostname", help="The server's name.")
@click.option("--data", help="The folder of all data.")
@click.option("--print", "to_output", is_flag=True, help="Print it instead of writing the file.")
@click.pass_obj
def command(context: Context, hostname: str | None, data: str | None, to_output: bool) -> None:
    """Write a configuration with every setting, its meaning and its default.

    The file is the one `odmail --config` names; it must not exist yet.
    """
    given = {name: value for name, value in (("hostname", hostname), ("data", data)) if value}
    text = example(Settings, given)
    if to_output:
        click.echo(text, nl=False)
        return
    write(context.config, text)
    click.echo(f"Wrote {context.config}. Next: put a certificate in place, then odmail serve.")


def write(path: Path, text: str) -> None:
    """A new file, private. Fault EXISTS."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Fault(Kind.EXISTS, f"{path} exists already") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
