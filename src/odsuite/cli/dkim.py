"""`odmail dkim`: the keys that sign what leaves the house, and what DNS must say of them."""

import sys
from collections.abc import Iterable

import click
import msgspec

from odcore.directory.address import domain_key
from odcore.errors import Fault, Kind
from odmail.trust.dkim_keys import Key, Keys
from odmail.trust.dkim_rotation import Progress, Step, rotate
from odsuite.cli.context import Context
from odsuite.terminal import as_json, day, print_json, print_list


class Row(msgspec.Struct, frozen=True):
    """One key, as `list` and `show` tell of it."""

    domain: str
    selector: str
    algorithm: str
    state: str  # "signs", "waits", "retired", "spare"
    until: str  # the day a retired key's record may go
    name: str
    type: str
    text: str


@click.group()
def command() -> None:
    """DKIM keys, one pair (RSA and Ed25519) for each domain and selector."""


@command.command("generate")
@click.argument("domain")
@click.option("--selector", default="", help="A name for the pair; made from the date when not given.")
@click.pass_obj
def generate(context: Context, domain: str, selector: str) -> None:
    """Make the first pair of keys for DOMAIN and print the records. Mail is signed with it from now on."""
    name = domain_key(domain)
    if context.dkim_keys.of(name):
        raise Fault(Kind.EXISTS, f"{name} has keys: odmail dkim rotate makes the next ones.")
    _print(context.dkim_keys.generate(name, selector))
    context.audit.record("dkim-generated", context.actor, name)


@command.command("rotate")
@click.argument("domain")
@click.pass_obj
def turn(context: Context, domain: str) -> None:
    """Take the next step to new keys for DOMAIN: publish, wait, switch, retire.

    The first run makes a pair that does not sign yet and prints its records. Once the DNS shows them, the next run
    switches to it: before, it says what is missing, changes nothing and ends with exit code 1. The records of the pair
    before must stay for two weeks, while mail it signed is under way; a run after that deletes it. May be run at any
    time, and twice.
    """
    name = domain_key(domain)
    progress = rotate(context.dkim_keys, name, context.resolver)
    _tell(name, progress)
    if progress.step in (Step.MADE, Step.SWITCHED, Step.RETIRED):
        selectors = " ".join(key.selector for key in progress.keys)
        context.audit.record(f"dkim-{progress.step}", context.actor, name, selectors=selectors)
    if progress.step is Step.UNSEEN:
        sys.exit(1)


@command.command("list")
@as_json
@click.pass_obj
def show_list(context: Context, as_json: bool) -> None:
    """All keys of all domains, and which of them sign."""
    keys = context.dkim_keys
    columns = {
        "Domain": lambda row: row.domain,
        "Selector": lambda row: row.selector,
        "Algorithm": lambda row: row.algorithm,
        "State": lambda row: row.state,
        "Record needed until": lambda row: row.until,
    }
    print_list([row for domain in keys.domains() for row in _rows(keys, domain)], columns, as_json)


@command.command("show")
@click.argument("domain")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of records for a zone file.")
@click.pass_obj
def show(context: Context, domain: str, as_json: bool) -> None:
    """The records of all keys of DOMAIN, for its DNS zone."""
    name = domain_key(domain)
    if as_json:
        print_json(_rows(context.dkim_keys, name))
    else:
        _print(context.dkim_keys.of(name))


def _rows(keys: Keys, domain: str) -> list[Row]:
    rotation = keys.rotation(domain)
    signing = {key.selector for key in keys.signing(domain)}
    rows = []
    for key in keys.of(domain):
        until = rotation.retired.get(key.selector)
        state = "retired" if until else "waits" if key.selector in rotation.waiting else "spare"
        if key.selector in signing:
            state = "signs"
        last = day(until) if until else ""
        rows.append(
            Row(domain, key.selector, key.algorithm, state, last, name=key.record_name, type="TXT", text=key.record)
        )
    return rows


def _tell(domain: str, progress: Progress) -> None:
    if progress.step in (Step.MADE, Step.UNSEEN):
        _print(progress.keys)
    texts = {
        Step.MADE: "Publish these records. When the DNS shows them, odmail dkim rotate switches to the new keys.",
        Step.UNSEEN: "\n".join(["Nothing was changed:", *progress.objections]),
        Step.SWITCHED: f"Mail of {domain} is signed with the new keys. Keep the records of the old ones until "
        f"{day(progress.until)}; then run odmail dkim rotate again.",
        Step.IN_FLIGHT: f"Nothing to do: mail signed with the old keys is under way. Keep their records until "
        f"{day(progress.until)}; odmail dkim rotate deletes them after that.",
        Step.RETIRED: "The old keys are deleted. Take their records out of the DNS:"
        + "".join(f"\n{key.record_name}" for key in progress.keys),
    }
    click.echo(texts[progress.step], err=progress.step is not Step.RETIRED)


def _print(keys: Iterable[Key]) -> None:
    for key in keys:
        click.echo(key.zone_line)
