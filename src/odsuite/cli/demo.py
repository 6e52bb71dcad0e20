"""`odmail demo`: a whole department on loopback, to try everything with any mail app."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

from odsuite.cli.context import Context

if TYPE_CHECKING:
    from odsuite.demo import DemoLogin
    from odsuite.process import Process

_SERVICES = {
    "imap": "IMAP, STARTTLS",
    "imaps": "IMAP, TLS",
    "pop3": "POP3, STLS",
    "pop3s": "POP3, TLS",
    "submission": "Sending, STARTTLS",
    "submissions": "Sending, TLS",
    "mx": "Mail from outside (SMTP)",
    "managesieve": "Mail filters (ManageSieve), STARTTLS",
    "ldaps": "Directory book for mail programs (LDAP), TLS",
    "https": "Web, calendars, drive (HTTPS)",
    "lmtp": "LMTP, for programs here",
    "ldap": "Directory itself (LDAP)",
    "status": "/metrics, /healthz (HTTP)",
    "sink": "Plays the outside world (SMTP)",
}

_EXAMPLES = """\
Try it, in another terminal:

  swaks --server localhost:{submission} -tls --tls-ca-path {ca} --auth PLAIN --auth-user {login} \\
        --auth-password {password} --from {login} --to {other} --header 'Subject: Greetings'
  mutt -F /dev/null -e 'set ssl_ca_certificates_file="{ca}"' -f imaps://{quoted}:{password}@localhost:{imaps}/
  swaks --server localhost:{mx} --from someone@elsewhere.example --to {other}
  {odmail} person list
"""


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=Path("var"), show_default=True, help="Data folder.")
@click.option("--port-offset", default=10000, show_default=True, help="Added to each service's well-known port.")
@click.pass_obj
def command(context: Context, data: Path, port_offset: int) -> None:
    """Run the suite with a demonstration department, in the foreground, until Ctrl-C.

    People, posts and mail stay in the data folder: the next start finds them again.
    """
    from odsuite import certs, loopback, owner, roles, supervisor
    from odsuite.demo import make_keys, seed

    owner.step_down(data)
    context.config = data.resolve() / "odmail.toml"
    ports = loopback.choose(port_offset)
    loopback.write(context.config, ports)
    authority = certs.readable_copy(certs.ensure(context.settings.root / "tls", loopback.NAMES))

    async def announce(process: "Process") -> None:
        logins = await process.hop.call(seed, context.admin)
        await process.hop.call(make_keys, context.dkim_keys)
        _show(context, ports, port_offset, authority, logins)

    sys.exit(supervisor.serve(context.config, context.settings, roles.parse("all"), announce))


def _show(
    context: Context, ports: Mapping[str, int], offset: int, authority: Path, logins: "Sequence[DemoLogin]"
) -> None:
    from odsuite import loopback

    console = Console(highlight=False, width=None if sys.stdout.isatty() else 150)
    addresses = Table("Service", "Address", box=SIMPLE)
    for service, meaning in _SERVICES.items():
        moved = ports[service] != loopback.PORTS[service] + offset
        addresses.add_row(meaning, f"localhost:{ports[service]}" + (" (the usual port is taken)" if moved else ""))
    people = Table("Who", Column("Sign in as", no_wrap=True), Column("Password", no_wrap=True), "Name", "", box=SIMPLE)
    for login in logins:
        people.add_row(login.kind, login.login, login.password, login.name, login.note)
    console.print(addresses, people)
    console.print(f"Certificates are signed by {authority}: give it to your apps.", soft_wrap=True)
    console.print(f"Mail to the outside can be read in {context.settings.root / 'outside'}.", soft_wrap=True)
    if len(logins) > 1:
        first, second = logins[:2]
        text = _EXAMPLES.format(
            **ports,
            ca=authority,
            login=first.login,
            quoted=first.login.replace("@", "%40"),
            password=first.password,
            other=second.login,
            odmail=f"{sys.argv[0]} --config {context.config}",
        )
        console.print(text, markup=False, soft_wrap=True)
    console.print("Ctrl-C stops everything.")
