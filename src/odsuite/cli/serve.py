"""`odmail serve`: the suite, or some roles of it, in the foreground."""

import sys

import click
import msgspec

from odcore.config.types import HostPort
from odcore.errors import Fault, Kind
from odsuite import owner
from odsuite.cli.context import Context
from odsuite.settings import read


@click.command()
@click.option("--role", default="all", show_default=True, help="Roles of this node, separated by commas.")
@click.option("--status", multiple=True, help="Where /metrics and /healthz are served, instead of what is configured.")
@click.pass_obj
def command(context: Context, role: str, status: tuple[str, ...]) -> None:
    """Run the suite in the foreground until SIGTERM or Ctrl-C.

    Roles: mx, submission, imap, lmtp, queue, directory, sink; all is every one of them.
    SIGHUP takes new certificate files into use at once. Begun by root, it runs as the owner of the data folder.
    """
    from odsuite import roles, supervisor

    owner.run_as_owner(read(context.config).root, [sys.executable, *sys.orig_argv[1:]])
    settings = context.settings
    if status:
        listen = msgspec.structs.replace(settings.listen, status=tuple(map(_address, status)))
        settings = msgspec.structs.replace(settings, listen=listen)
    sys.exit(supervisor.serve(context.config.resolve(), settings, roles.parse(role)))


def _address(text: str) -> HostPort:
    try:
        return HostPort.parse(text)
    except ValueError as error:
        raise Fault(Kind.BAD_REQUEST, f"--status: {error}") from error
