"""`odmail reports`: what others tell of mail in our name (DMARC) and of TLS with our servers (TLS-RPT)."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from odcore import clock
from odmail.reports.model import DmarcReport, DmarcRow, Kind, Known, Report, TlsReport
from odsuite.cli.context import Context
from odsuite.terminal import as_json, day, print_entry, print_json, print_list

_DAY = 86400

_days = click.option("--days", type=click.IntRange(1, 400), default=30, show_default=True, help="How far back.")
_domain = click.option("--domain", help="About this domain only.")


@click.group()
def command() -> None:
    """Reports of others on mail in our name and on TLS with our servers.

    They come by mail to dmarc-reports@DOMAIN and tls-reports@DOMAIN, which aliases lead to somebody who looks
    at them.
    """


@command.group("dmarc")
def dmarc() -> None:
    """Who sends mail in our name, and whether it proves that."""


@command.command("send")
@click.pass_obj
def send(context: Context) -> None:
    """Send now what is due for other domains: what was seen until yesterday. The suite does it every hour."""
    click.echo(f"{context.parts.outbound.send_due()} sent")


@command.group("tls")
def tls() -> None:
    """Whether others reach our servers by TLS."""


def _add_list(group: click.Group, kind: Kind, counted: str) -> None:
    @group.command("list")
    @_domain
    @_days
    @as_json
    @click.pass_obj
    def show_list(context: Context, domain: str | None, days: int, as_json: bool) -> None:
        """Reports that came, the newest first."""
        columns: Mapping[str, Callable[[Known], object]] = {
            "Number": lambda known: known.number,
            "Domain": lambda known: known.domain,
            "By": lambda known: known.organization,
            "Day": lambda known: day(known.begin),
            counted: lambda known: known.count,
            "Failed": lambda known: known.failures or "",
            "Sent by": lambda known: known.sender if known.vouched else f"{known.sender} (unproven)",
        }
        print_list(context.reports.recent(kind, _since(days), domain), columns, as_json)


def _add_show(group: click.Group, kind: Kind) -> None:
    @group.command("show")
    @click.argument("number", type=int)
    @as_json
    @click.pass_obj
    def show(context: Context, number: int, as_json: bool) -> None:
        """All of one report."""
        known, found = context.reports.show(kind, number)
        if as_json:
            print_json({"known": known, "report": found})
            return
        print_entry(known, False)
        _print_rows(found)


_add_list(dmarc, Kind.DMARC, "Messages")
_add_show(dmarc, Kind.DMARC)
_add_list(tls, Kind.TLS, "Sessions")
_add_show(tls, Kind.TLS)


@dmarc.command("sources")
@_domain
@_days
@as_json
@click.pass_obj
def sources(context: Context, domain: str | None, days: int, as_json: bool) -> None:
    """All that was seen of each server that sends in our name, the busiest first.

    Where both DKIM and SPF are less than the messages, something of ours is not signed or not in the SPF record; what
    fails altogether and is nobody's of ours is forged.
    """
    columns: Mapping[str, Callable[[Any], object]] = {
        "Server": lambda source: source.source,
        "Domain": lambda source: source.domain,
        "Messages": lambda source: source.count,
        "DKIM": lambda source: source.dkim,
        "SPF": lambda source: source.spf,
        "Neither": lambda source: source.failures or "",
        "Refused": lambda source: source.refused or "",
        "Reports": lambda source: source.reports,
    }
    print_list(context.reports.sources(_since(days), domain), columns, as_json)


@tls.command("failures")
@_domain
@_days
@as_json
@click.pass_obj
def failures(context: Context, domain: str | None, days: int, as_json: bool) -> None:
    """Why others had no TLS with us, the most frequent first."""
    columns: Mapping[str, Callable[[Any], object]] = {
        "Domain": lambda found: found.domain,
        "Server": lambda found: found.host,
        "What": lambda found: found.result,
        "Sessions": lambda found: found.count,
        "Reports": lambda found: found.reports,
    }
    print_list(context.reports.obstacles(_since(days), domain), columns, as_json)


def _print_rows(found: Report) -> None:
    if isinstance(found, DmarcReport):
        _print_dmarc(found)
    else:
        _print_tls(found)


def _print_dmarc(found: DmarcReport) -> None:
    columns: Mapping[str, Callable[[DmarcRow], object]] = {
        "Server": lambda row: row.source,
        "Messages": lambda row: row.count,
        "From": lambda row: row.header_from,
        "Became": lambda row: row.disposition,
        "DKIM": lambda row: row.dkim,
        "SPF": lambda row: row.spf,
        "Signed by": lambda row: ", ".join(f"{each.domain} {each.selector} {each.result}" for each in row.signatures),
        "Sender": lambda row: f"{row.spf_domain} {row.spf_result}".strip(),
        "Why": lambda row: row.reason,
    }
    print_list(found.rows, columns, False)


def _print_tls(found: TlsReport) -> None:
    for policy in found.policies:
        click.echo(f"{policy.domain} ({policy.type}): {policy.successes} sessions with TLS, {policy.failures} failed")
        for each in policy.details:
            click.echo(f"  {each.count} {each.result} {each.host or each.receiving} {each.reason}".rstrip())


def _since(days: int) -> int:
    return clock.timestamp() - days * _DAY
