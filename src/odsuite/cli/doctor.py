"""`odmail doctor`: does everything keep its promises?"""

import sys

import click
import msgspec

from odsuite.cli.context import Context


@click.command()
@click.option("--octets", is_flag=True, help="Read every large body and compare it with its digest, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.pass_obj
def command(context: Context, octets: bool, as_json: bool) -> None:
    """Check settings, certificates, disk, directory, audit trail, queue and the invariants of every mailbox.

    Works while the suite runs. Exit code 1 when anything is not as it should be.
    """
    from odsuite.diagnosis import diagnose

    findings = []
    for finding in diagnose(context.parts, context.actor, octets=octets):
        findings.append(finding)
        if not as_json:
            click.echo(f"{'ok ' if finding.well else 'BAD'}  {finding.area:<12} {finding.text}")
    if as_json:
        click.echo(msgspec.json.encode(findings))
    sys.exit(0 if all(finding.well for finding in findings) else 1)
