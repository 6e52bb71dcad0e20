"""`odmail`: finds a command in the file of its name when it is asked for, so that starting stays quick."""

import importlib
import os
import pkgutil
import sys
from pathlib import Path

import click

import odsuite.cli
from odcore.errors import Fault
from odsuite.cli.context import Context

_FRAME = {"main", "context"}

DEFAULT_CONFIG = Path("/etc/odmail/odmail.toml")


class _Commands(click.Group):
    """Each module beside this one holds a click command or group called `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        found = {module.name for module in pkgutil.iter_modules(odsuite.cli.__path__)} - _FRAME
        return sorted(name.replace("_", "-") for name in found)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"odsuite.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar="ODMAIL_CONFIG",
    default=DEFAULT_CONFIG,
    show_default=True,
    help="The configuration file.",
)
@click.version_option(package_name="odmail")
@click.pass_context
def cli(ctx: click.Context, config: Path) -> None:
    """Mail and groupware on one directory."""
    ctx.obj = Context(config)
    ctx.call_on_close(ctx.obj.close)


def main() -> None:
    """The script `odmail`. An expected failure is one line on standard error and exit code 1."""
    os.umask(0o077)
    try:
        cli.main(prog_name="odmail")
    except Fault as fault:
        click.echo(f"odmail: {fault.text}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
