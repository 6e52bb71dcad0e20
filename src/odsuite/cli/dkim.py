"""`odmail dkim`: the keys that sign what leaves the house, and what DNS must say of them."""

import click

from odcore.directory.address import domain_key
from odmail.trust.dkim_sign import Key
from odsuite.cli.context import Context
from odsuite.terminal import print_json

_PIECE = 255
"""A DNS text's pieces are no longer (RFC 1035 3.3)."""


@click.group()
def command() -> None:
    """DKIM keys, one pair (RSA and Ed25519) for each domain and selector."""


@command.command("generate")
@click.argument("domain")
@click.option("--selector", default="", help="A name for the pair; made from the date when not given.")
@click.pass_obj
def generate(context: Context, domain: str, selector: str) -> None:
    """Make a pair of keys for DOMAIN and print the records. Mail is signed with it from now on."""
    _print(context.dkim_keys.generate(domain_key(domain), selector))


@command.command("show")
@click.argument("domain")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of records for a zone file.")
@click.pass_obj
def show(context: Context, domain: str, as_json: bool) -> None:
    """The records of all keys of DOMAIN, for its DNS zone."""
    keys = context.dkim_keys.of(domain_key(domain))
    if as_json:
        print_json([{"name": key.record_name, "type": "TXT", "text": key.record} for key in keys])
    else:
        _print(keys)


def _print(keys: tuple[Key, ...]) -> None:
    for key in keys:
        pieces = [key.record[start : start + _PIECE] for start in range(0, len(key.record), _PIECE)]
        quoted = " ".join(f'"{piece}"' for piece in pieces)
        click.echo(f"{key.record_name}. IN TXT ( {quoted} )")
