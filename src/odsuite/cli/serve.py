"""`odmail serve`: the suite, or some roles of it, in the foreground."""

import sys

import click

from odsuite.cli.context import Context


@click.command()
@click.option("--role", default="all", show_default=True, help="Roles of this node, separated by commas.")
@click.pass_obj
def command(context: Context, role: str) -> None:
    """Run the suite in the foreground until SIGTERM or Ctrl-C.

    Roles: mx, submission, imap, lmtp, queue, directory, sink; all is every one of them.
    SIGHUP takes new certificate files into use at once.
    """
    from odsuite import roles, supervisor

    sys.exit(supervisor.serve(context.config.resolve(), context.settings, roles.parse(role)))
