"""The directory book by LDAP, for `scripts/bench dav-book`: its server in this process, ldapsearch beside it."""

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from twisted.internet import reactor as installed

from odcore.identity.api import Principal
from odcore.net.client import caller
from odcore.net.hop import Hop
from odcore.net.listen import Admission
from odcore.net.tls import KeyPair, ServerTls
from oddav.ldap.ports import House
from oddav.ldap.server import LdapService
from odsuite import certs
from odtest.book import Library
from odtest.listening import listen

reactor: Any = installed

FILTERS = {
    "a part of a word (Odia)": "(cn=*ତାମ୍ବର*)",
    "a family name as Outlook asks": "(&(mail=*)(|(mail=mohant*)(|(cn=mohant*)(|(sn=mohant*)(|(givenName=mohant*)"
    "(displayName=mohant*))))))",
    "a part of it as Thunderbird asks": "(&(objectClass=*)(|(cn=*ohant*)(mail=*ohant*)(givenName=*ohant*)"
    "(sn=*ohant*)))",
    "a whole name, one in thousands": "(cn=pitambar q. hembram)",
    "nothing there": "(|(cn=*zzqqzzqq*)(mail=*zzqqzzqq*))",
}
WANTED = ("cn", "mail", "sn", "givenName", "title", "ou", "o", "telephoneNumber", "mobile")
_LOGIN = ("-D", "me", "-w", "x")


@contextmanager
def served(library: Library, folder: Path) -> Iterator[tuple[int, Path]]:
    """The port, and whom to trust."""
    authority = certs.ensure(folder / "tls", ("127.0.0.1",))
    tls = ServerTls([KeyPair(folder / "tls" / "server.pem", folder / "tls" / "server.key")])
    person = library.house.directory.person("me")
    principal = Principal(person, library.house.directory.account(person.id))
    sign_in: Any = SimpleNamespace(sign_in=lambda _: principal, still_valid=lambda _: True)
    hop = Hop(reactor, 4)
    service = LdapService(House(sign_in, caller(hop), library.tree), reactor, None, Admission(10, 10))
    port = listen(reactor, service.factory(secure=True), tls)
    thread = threading.Thread(target=reactor.run, kwargs={"installSignalHandlers": False}, daemon=True)
    thread.start()
    try:
        yield port.getHost().port, authority
    finally:
        reactor.callFromThread(reactor.stop)
        thread.join(10)
        hop.stop(1)


def rows(library: Library, folder: Path, times: int) -> Iterator[str]:
    """A line for each search: entries, processor time of the server, milliseconds with signing in and ldapsearch."""
    with served(library, folder) as (port, authority):
        for what, asked in FILTERS.items():
            entries = _search(port, authority, asked)
            used, taken = time.process_time(), []
            for _ in range(times):
                begun = time.perf_counter()
                _search(port, authority, asked)
                taken.append((time.perf_counter() - begun) * 1000)
            cpu = (time.process_time() - used) / times * 1000
            late = sorted(taken)[int(len(taken) * 0.95)]
            yield f"| {what} | {entries} | {cpu:.0f} ms | {statistics.median(taken):.0f} ms | {late:.0f} ms |\n"


def _search(port: int, authority: Path, asked: str) -> int:
    done = subprocess.run(
        [
            "ldapsearch",
            "-LLL",
            "-x",
            "-H",
            f"ldaps://127.0.0.1:{port}",
            "-D",
            "me",
            "-w",
            "x",
            "-b",
            "",
            asked,
            *WANTED,
        ],
        env={**os.environ, "LDAPTLS_CACERT": str(authority), "LDAPTLS_REQCERT": "demand"},
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, 4), done.stderr
    return done.stdout.count(b"\ndn: ") + done.stdout.startswith(b"dn: ")
