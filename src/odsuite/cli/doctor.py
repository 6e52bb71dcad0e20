"""`odmail doctor`: does everything keep its promises?"""

import sys
from functools import partial

import click
import msgspec

from odsuite.cli.context import Context


@click.command()
@click.option("--octets", is_flag=True, help="Read every large body and compare it with its digest, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.pass_obj
def command(context: Context, octets: bool, as_json: bool) -> None:
    """Check settings, certificates, ports, disk, directory, signing keys, audit trail, queue and every mailbox.

    Works while the suite runs. What is marked ?? may be intended; exit code 1 when anything is BAD.
    """
    from rich.console import Console
    from rich.progress import track

    from odsuite.diagnosis import diagnose

    screen = Console(stderr=True)
    follow = partial(track, description="mailboxes", console=screen, transient=True, disable=not screen.is_terminal)
    findings = []
    for finding in diagnose(context.parts, context.actor, octets=octets, follow=follow):
        findings.append(finding)
        if not as_json:
            mark = "BAD" if not finding.well else "?? " if finding.warning else "ok "
            click.echo(f"{mark}  {finding.area:<12} {finding.text}")
    if as_json:
        click.echo(msgspec.json.encode(findings))
    sys.exit(0 if all(finding.well for finding in findings) else 1)
