"""`odmail`: finds a command in the file of its name when it is asked for, so that starting stays quick."""

import importlib
import os
import pkgutil
import sys
from functools import lru_cache
from pathlib import Path

import click

import odsuite.cli
from odcore import log
from odcore.errors import Fault
from odsuite.cli.context import Context

_FRAME = {"main", "context"}

DEFAULT_CONFIG = Path("/etc/odmail/odmail.toml")

_FILE = click.Path(path_type=Path, readable=False)  # reading it tells better what is wrong


class _Commands(click.Group):
    """Each module beside this one holds a click command or group called `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_files())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        return _load(cmd_name)


@lru_cache
def _files() -> dict[str, str]:
    """Module by command; `import` cannot be a module's name, so that its file is `import_`."""
    found = {module.name for module in pkgutil.iter_modules(odsuite.cli.__path__)} - _FRAME
    return {name.rstrip("_").replace("_", "-"): name for name in found}


@lru_cache
def _load(name: str) -> click.Command:
    module = importlib.import_module(f"odsuite.cli.{_files()[name]}")
    command: click.Command = module.command
    _take_config(command)
    return command


def _take_config(command: click.Command) -> None:
    """`--config` may stand after any command, too."""
    command.params.append(
        click.Option(
            ["--config"],
            type=_FILE,
            expose_value=False,
            callback=_set_config,
            help="The configuration file.",
        )
    )
    for each in command.commands.values() if isinstance(command, click.Group) else ():
        _take_config(each)


def _set_config(ctx: click.Context, _param: click.Parameter, path: Path | None) -> None:
    context = ctx.find_object(Context)
    if path is not None and context is not None:
        context.config = path


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=_FILE,
    envvar="ODMAIL_CONFIG",
    default=DEFAULT_CONFIG,
    show_default=True,
    show_envvar=True,
    help="The configuration file. May stand after the command as well.",
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
    log.configure("odmail", level="warning")  # standard output is for what was asked
    try:
        cli.main(prog_name="odmail")
    except Fault as fault:
        click.echo(f"odmail: {fault.text}", err=True)
        sys.exit(1)
    except OSError as error:  # of the machine we run on: no space, no permission
        if error.filename is None:
            raise
        click.echo(f"odmail: {error.filename}: {error.strerror}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
