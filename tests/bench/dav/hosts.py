"""Calendar servers with an empty calendar each: Radicale and Xandikos as pip has them, Cyrus as Debian has it."""

import contextlib
import getpass
import imaplib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from bench.dav.client import HOST, Client, Site
from bench.mail import ours
from bench.mail.server import await_port, family, free_ports

_CALENDAR = (
    '<?xml version="1.0"?><D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>'
    "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype></D:prop></D:set></D:mkcol>"
)
_CYRUS = ("cyrus-common", "cyrus-caldav", "cyrus-imapd", "libical3", "libpcre3", "libshp2", "sasl2-bin")
_CYRUS_LIBRARIES = (
    "libsasl2-modules-db",
    "libclamav12",
    "libzephyr4",
    "libpq5",
    "libxapian30",
    "libjansson4",
    "libwrap0",
)
_IMAPD = """\
configdirectory: {root}/conf
defaultpartition: default
partition-default: {root}/spool
admins: cyrus
cyrus_user: {user}
cyrus_group: {group}
allowplaintext: yes
sasl_mech_list: PLAIN
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {root}/sasldb2
httpmodules: caldav carddav
virtdomains: off
unixhierarchysep: no
autocreate_quota: -1
autocreate_post: 1
proc_path: {root}/proc
mboxname_lockpath: {root}/lock
"""
_MASTER = """\
START {{ recover cmd="{bin}/ctl_cyrusdb -C {root}/imapd.conf -r" }}
SERVICES {{
 http cmd="{bin}/httpd -C {root}/imapd.conf" listen="{host}:{http}" prefork=2
 imap cmd="{bin}/imapd -C {root}/imapd.conf" listen="{host}:{imap}" prefork=0
}}
EVENTS {{}}
"""


def odmail(root: Path) -> Site:
    """Over TLS, with its private directory and all it does besides."""
    server = ours.start(root)
    site = Site("odmail", server.https, "/", True, server.logins[0], server.password, server.stop)
    site.path = _home(site) + "bench/"
    Client(site).ask("MKCALENDAR")
    return site


def _home(site: Site) -> str:
    """Of whoever is signed in."""
    asked = b'<D:propfind xmlns:D="DAV:"><D:prop><D:current-user-principal/></D:prop></D:propfind>'
    octets = Client(Site("", site.port, "/dav/", True, site.login, site.password)).ask("PROPFIND", "", asked, Depth="0")
    return octets.partition(b"current-user-principal>")[2].partition(b"href>")[2].partition(b"<")[0].decode()


def radicale(root: Path) -> Site:
    """Stock, with its own server and the storage it comes with."""
    (port,) = free_ports(["radicale"]).values()
    given = {"server-hosts": f"{HOST}:{port}", "storage-filesystem-folder": root, "auth-type": "none"}
    given |= {"rights-type": "authenticated", "server-max-connections": "20", "logging-level": "error"}
    words = [f"--{name}={value}" for name, value in given.items()]
    site = started("Radicale", [sys.executable, "-m", "radicale", *words], port, "/bench/calendar/", root)
    Client(site).ask("MKCOL", "", _CALENDAR.encode())

    def fill(events: dict[str, str]) -> None:
        """A whole calendar in one PUT; each event is called by its UID afterwards."""
        parts = (event.partition("BEGIN:VEVENT")[2].partition("END:VEVENT")[0] for event in events.values())
        inner = "".join(f"BEGIN:VEVENT{part}END:VEVENT\r\n" for part in parts)
        whole = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\n{inner}END:VCALENDAR\r\n"
        Client(site).ask("PUT", "", whole.encode(), Content_Type="text/calendar; charset=utf-8")

    site.fill = fill
    return site


def xandikos(root: Path) -> Site:
    """In an environment of its own, so that what it needs meets nothing of ours."""
    binaries = environment(root / "env", "xandikos==0.4.10")
    (port,) = free_ports(["xandikos"]).values()
    argv = [binaries / "xandikos", "serve", "-d", root / "data", "--defaults", "--autocreate", "-l", HOST, "-p", port]
    argv += ["--current-user-principal", "/bench/"]
    site = started("Xandikos", argv, port, "/bench/calendars/calendar/", root)

    def fill(events: dict[str, str]) -> None:
        """One commit in the calendar's repository."""
        folder = root / "data/bench/calendars/calendar"
        for name, text in events.items():
            (folder / name).write_bytes(text.encode())
        commit = "import sys; from dulwich import porcelain as p; p.add('.', sys.argv[1:]); p.commit('.', b'filled')"
        subprocess.run([binaries / "python", "-c", commit, *events], cwd=folder, check=True, stdout=subprocess.DEVNULL)

    site.fill = fill
    return site


def cyrus(root: Path) -> Site:
    """Unpacked, not installed: its packages and Dovecot's cannot be on one machine."""
    unpacked = _unpacked(root, (*_CYRUS, *_CYRUS_LIBRARIES))
    ports = free_ports(["http", "imap"])
    binaries = unpacked / "usr/lib/cyrus/bin"
    user = "nobody" if os.geteuid() == 0 else getpass.getuser()
    group = "nogroup" if os.geteuid() == 0 else user
    (root / "imapd.conf").write_text(_IMAPD.format(root=root, user=user, group=group))
    (root / "cyrus.conf").write_text(_MASTER.format(bin=binaries, root=root, host=HOST, **ports))
    libraries = unpacked / "usr/lib/x86_64-linux-gnu"
    more = {"LD_LIBRARY_PATH": f"{libraries}:{unpacked}/lib/x86_64-linux-gnu", "SASL_PATH": str(libraries / "sasl2")}
    for name in ("cyrus", "bench"):
        argv = [unpacked / "usr/sbin/saslpasswd2", "-p", "-c", "-f", root / "sasldb2", name]
        subprocess.run(argv, input=b"secret\n", env=os.environ | more, check=True)
    for name in (
        "conf/db",
        "conf/proc",
        "conf/socket",
        "conf/log",
        "conf/user",
        "conf/quota",
        "conf/msg",
        "conf/sieve",
        "conf/ptclient",
        "spool",
        "proc",
        "lock",
    ):
        (root / name).mkdir(parents=True)
    if os.geteuid() == 0:
        root.chmod(0o755)
        subprocess.run(["chown", "-R", f"{user}:{group}", root], check=True)
    argv = [binaries / "master", "-C", root / "imapd.conf", "-M", root / "cyrus.conf", "-p", root / "pid"]
    site = started("Cyrus", argv, ports["http"], "/dav/calendars/user/bench/calendar/", root, more)
    with imaplib.IMAP4(HOST, ports["imap"]) as client:
        client.login("cyrus", "secret")
        client.create("user.bench")
    Client(Site("", site.port, "/dav/calendars/user/bench/")).ask("PROPFIND", Depth="1")
    Client(site).ask("MKCALENDAR")
    return site


HOSTS = {"odmail": odmail, "Radicale": radicale, "Xandikos": xandikos, "Cyrus": cyrus}


def started(
    name: str,
    argv: Iterable[object],
    port: int,
    path: str,
    root: Path,
    more: Mapping[str, str] | None = None,
    *,
    tls: bool = False,
) -> Site:
    """A program that serves there, with its log in `root`."""
    with (root / "log").open("ab") as log:
        process = subprocess.Popen(
            list(map(str, argv)), stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=os.environ | dict(more or {})
        )
    await_port(port, process)

    def stop() -> None:
        members = family(process.pid)
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        for pid in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
        process.wait()

    return Site(name, port, path, tls, stop=stop, pids=lambda: family(process.pid))


def environment(folder: Path, *wanted: str) -> Path:
    """A Python environment with these; its programs."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin/pip", "install", "-q", "--disable-pip-version-check", *wanted], check=True)
    return folder / "bin"


def _unpacked(root: Path, names: Iterable[str]) -> Path:
    """Debian packages as they come, in a folder."""
    fetched, unpacked = root / "packages", root / "unpacked"
    fetched.mkdir(mode=0o755)
    subprocess.run(["apt-get", "-qq", "download", *names], cwd=fetched, check=True, stderr=subprocess.DEVNULL)
    for package in fetched.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, unpacked], check=True)
    shutil.rmtree(fetched)
    return unpacked
