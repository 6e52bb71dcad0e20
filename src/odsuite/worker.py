"""A mail worker: SMTP, LMTP, IMAP, POP3, ManageSieve and LDAP on the listening sockets it inherits."""

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from odcore.bus.api import DirectoryChanged
from odcore.identity.throttle import Tried
from odmail.delivery.pace import Sent
from odsuite import servers
from odsuite.build import Parts
from odsuite.process import Process, run
from odsuite.rhythm import flush_tally


async def start(process: Process) -> None:
    """A server for each socket."""
    parts = Parts(process.settings, process.bus.publish)
    process.at_stop(lambda: process.hop.call(parts.close))
    flush_tally(process, parts)
    process.bus.subscribe(DirectoryChanged, lambda changed: parts.directory.changed(frozenset(changed.ids)))
    process.bus.subscribe(Tried, parts.throttle.heard)
    process.bus.subscribe(Sent, parts.pace.heard)
    smtp = [(service, descriptor) for service, descriptor in process.sockets if service in servers.SMTP]
    imap = [(service, descriptor) for service, descriptor in process.sockets if service in servers.IMAP]
    pop3 = [(service, descriptor) for service, descriptor in process.sockets if service in servers.POP3]
    if smtp:
        servers.serve_mail(process, parts, smtp, mailboxes=bool(imap or pop3))
    if imap:
        servers.serve_imap(process, parts, imap)
    for service, descriptor in process.sockets:
        if service == servers.MANAGESIEVE:
            servers.serve_managesieve(process, parts, descriptor)
        elif service == servers.LDAPS:
            servers.serve_ldaps(process, parts, descriptor)
    if pop3:
        servers.serve_pop3(process, parts, pop3)


def main(name: str, config: Path, sockets: Sequence[tuple[str, int]]) -> NoReturn:
    """As the nursery calls it."""
    run(start, name, config, sockets)
