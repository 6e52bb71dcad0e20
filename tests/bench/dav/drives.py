"""What people do with a drive: one large file up and down, many small ones, a folder that has many."""

import io
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

from bench.dav.client import HOST, Client, Site, alone
from bench.dav.hosts import environment, started
from bench.mail import ours
from bench.mail.server import cpu_seconds, free_ports
from odsuite import certs

STEPS = {
    "One file of {size}, up": "MB/s",
    "One file of {size}, down": "MB/s",
    "Small files, one after the other": "files/s",
    "Small files, eight at a time": "files/s",
    "PROPFIND 1 of {entries} entries": "ms",
    "Processor time of the server, one file of {size}, up": "s",
    "Processor time of the server, one file of {size}, down": "s",
    "Processor time of the server, a small file": "ms",
}

_MODULES = ["mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic", "dav", "dav_fs", "ssl"]
_APACHE = """\
ServerRoot {root}
PidFile {root}/pid
ServerName localhost
Listen {host}:{port}
DocumentRoot {root}/files
ErrorLog {root}/error.log
{modules}
DavLockDB {root}/locks
SSLEngine on
SSLCertificateFile {root}/tls/server.pem
SSLCertificateKeyFile {root}/tls/server.key
LimitXMLRequestBody 0
User {user}
Group {group}
<Directory {root}/files>
    Dav On
    AuthType Basic
    AuthName bench
    AuthUserFile {root}/users
    Require valid-user
</Directory>
"""
_WSGIDAV = """\
import sys
from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter
from wsgidav.wsgidav_app import WsgiDAVApp

root, port = sys.argv[1], int(sys.argv[2])
app = WsgiDAVApp({
    "provider_mapping": {"/": root + "/files"},
    "simple_dc": {"user_mapping": {"*": {"bench": {"password": "secret"}}}},
    "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
    "logging": {"enable": False},
    "verbose": 0,
})
server = wsgi.Server(("127.0.0.1", port), app, numthreads=16)
server.ssl_adapter = BuiltinSSLAdapter(root + "/tls/server.pem", root + "/tls/server.key")
server.start()
"""


_MOST_SECONDS, _QUIET = 30, 0.03
"""How long a server may take to come to rest, and how much of a second it works then."""


def odmail(root: Path) -> Site:
    """As installed."""
    server = ours.start(root)
    return Site("odmail", server.https, "/drive/", True, server.logins[0], server.password, server.stop, server.pids)


def apache(root: Path) -> Site:
    """mod_dav with its file system, the module for events, TLS."""
    port, user = _prepare(root), "nobody" if os.geteuid() == 0 else str(os.geteuid())
    folder = Path("/usr/lib/apache2/modules")
    loaded = [f"LoadModule {name}_module {folder}/mod_{name}.so" for name in _MODULES]
    group = "nogroup" if user == "nobody" else user
    settings = {"root": root, "host": HOST, "port": port, "modules": "\n".join(loaded), "user": user, "group": group}
    (root / "apache.conf").write_text(_APACHE.format(**settings))
    hashed = subprocess.run(["openssl", "passwd", "-apr1", "secret"], capture_output=True, text=True, check=True).stdout
    (root / "users").write_text(f"bench:{hashed}")
    root.chmod(0o777)
    return started("Apache mod_dav", ["apache2", "-f", root / "apache.conf", "-DFOREGROUND"], port, "/", root, tls=True)


def wsgidav(root: Path) -> Site:
    """With its file system, under cheroot, as its own command starts it."""
    port, programs = _prepare(root), environment(root / "env", "wsgidav==4.4.0", "cheroot", "lxml")
    (root / "serve.py").write_text(_WSGIDAV)
    return started("WsgiDAV", [programs / "python", root / "serve.py", root, port], port, "/", root, tls=True)


DRIVES: dict[str, Callable[[Path], Site]] = {"odmail": odmail, "Apache mod_dav": apache, "WsgiDAV": wsgidav}


def _prepare(root: Path) -> int:
    """Files, a certificate, a free port."""
    (root / "files").mkdir()
    certs.ensure(root / "tls", ["localhost", HOST])
    if os.geteuid() == 0:
        shutil.chown(root / "files", "nobody", "nogroup")
    return free_ports(["https"])["https"]


def measure(site: Site, size: int, entries: int, seconds: float) -> list[float]:
    """One figure for each of STEPS."""
    _settle(site)
    marks = [_spent(site)]
    found = []
    for way in (_up, _down):
        found.append(way(site, size))
        marks.append(_spent(site))
    up, down = (after - before for before, after in pairwise(marks))
    client = Client(site)
    client.ask("DELETE", "large")
    client.ask("MKCOL", "many/")
    some, before = entries // 10, _spent(site)
    for clients, first, last in ((1, 0, some), (8, some, entries)):
        found.append(_small(site, first, last, clients))
    small = (_spent(site) - before) / entries * 1000
    one, _ = alone(site, lambda client, _: client.ask("PROPFIND", "many/", Depth="1"), 0, seconds)
    return [*found, one, up, down, small]


def _settle(site: Site) -> None:
    """What its processes still do for their start is no part of an upload."""
    for _ in range(_MOST_SECONDS):
        before = _spent(site)
        time.sleep(1)
        if _spent(site) - before < _QUIET:
            return


def _spent(site: Site) -> float:
    """Seconds of processor time so far."""
    return sum(cpu_seconds(site.pids()).values())


def _up(site: Site, size: int) -> float:
    begun = time.perf_counter()
    Client(site).ask("PUT", "large", _Zeros(size), Content_Length=str(size))
    return size / 1e6 / (time.perf_counter() - begun)


def _down(site: Site, size: int) -> float:
    begun, got, buffer = time.perf_counter(), 0, bytearray(1 << 20)
    answer = Client(site).response("GET", "large")
    while count := answer.readinto(buffer):
        got += count
    assert got == size, (site.name, got, answer.status)
    return size / 1e6 / (time.perf_counter() - begun)


def _small(site: Site, first: int, last: int, clients: int) -> float:
    """Each of 2 KiB, each another."""

    def put(client: Client, number: int) -> None:
        if number < last:
            client.ask("PUT", f"many/file-{number}", f"{number:2048d}".encode())

    begun = time.perf_counter()
    _spread(site, put, first, last, clients)
    return (last - first) / (time.perf_counter() - begun)


def _spread(site: Site, work: Callable[[Client, int], None], first: int, last: int, clients: int) -> None:
    def one(index: int) -> None:
        client = Client(site)
        for number in range(first + index, last, clients):
            work(client, number)
        client.close()

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(one, range(clients)))


class _Zeros(io.RawIOBase):
    """So many octets, no disk behind them."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int = -1) -> bytes:
        count = min(self._left, 1 << 20)
        self._left -= count
        return bytes(count)
