"""`odmail doctor`: does everything keep its promises?"""

import sys
from functools import partial

import click
import msgspec

from odsuite.cli.context import Context


@click.command()
@click.option("--octets", is_flag=True, help="Read every large body and compare it with its digest, too.")
@click.option("--dns", is_flag=True, help="Look instead at what strangers find in the DNS about our domains.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.pass_obj
def command(context: Context, octets: bool, dns: bool, as_json: bool) -> None:
    """Check settings, certificates, ports, disk, directory, signing keys, audit trail, queue and every mailbox.

    With --dns: MX, SPF, DKIM, DMARC, MTA-STS, TLS-RPT and where apps find services, for each domain; reverse names,
    TLSA, certificate and clock of this server; with the records to publish.

    Works while the suite runs. What is marked ?? may be intended; exit code 1 when anything is BAD.
    """
    from rich.console import Console
    from rich.progress import track

    from odsuite.diagnosis import diagnose, publication

    screen = Console(stderr=True)
    follow = partial(track, description="mailboxes", console=screen, transient=True, disable=not screen.is_terminal)
    findings = []
    parts = context.parts
    for finding in publication(parts) if dns else diagnose(parts, context.actor, octets=octets, follow=follow):
        findings.append(finding)
        if not as_json:
            mark = "BAD" if not finding.well else "?? " if finding.warning else "ok "
            click.echo(f"{mark}  {finding.area:<12} {finding.text}")
            for record in finding.records:
                click.echo(f"{'':17}publish: {record}")
    if as_json:
        click.echo(msgspec.json.encode(findings))
    sys.exit(0 if all(finding.well for finding in findings) else 1)
