"""Debian's Postfix and Dovecot from private folders on loopback high ports; no system service is touched.

Both run as an administrator would run them, durable: Postfix's queue and Dovecot's Maildir fsync before they answer.
They need root to start, as they change to users of their own.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bench.mail.server import ACCOUNTS, HOST, Server, await_port, family, free_ports
from odsuite import certs

DOMAIN = "bench.example"
PASSWORD = "bench-peers"
OWNER = 65534  # nobody: who owns the Maildirs

_MAIN = """\
compatibility_level = 3.6
queue_directory = {root}/postfix/queue
data_directory = {root}/postfix/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {root}/postfix/queue/postfix.log
maillog_file_prefixes = {root}
myhostname = mail.{domain}
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = static:here
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
smtpd_client_connection_count_limit = 0
smtpd_relay_restrictions = permit_mynetworks, reject
biff = no
"""

_MASTER = """\
127.0.0.1:{mx} inet n - n - - smtpd
pickup  unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr    unix n - n 300 1 qmgr
tlsmgr  unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce  unix - - n - 0 bounce
defer   unix - - n - 0 bounce
trace   unix - - n - 0 bounce
verify  unix - - n - 1 verify
flush   unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp    unix - - n - - smtp
relay   unix - - n - - smtp
error   unix - - n - - error
retry   unix - - n - - error
discard unix - - n - - discard
lmtp    unix - - n - - lmtp
anvil   unix - - n - 1 anvil
scache  unix - - n - 1 scache
showq   unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
"""

_DOVECOT = """\
base_dir = {root}/dovecot/run
state_dir = {root}/dovecot/state
log_path = {root}/dovecot/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/tls/server.pem
ssl_key = <{root}/tls/server.key
mail_location = maildir:{root}/mail/%u
first_valid_uid = 1
mail_max_userip_connections = 0
default_vsz_limit = 1G
auth_mechanisms = plain
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner} home={root}/mail/%u allow_all_users=yes
}}
service imap-login {{
  process_limit = 400
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 400
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"""


class Additions(NamedTuple):
    """What an administrator has added to the usual configuration."""

    main: str = ""  # these three have {root}, {domain} and the ports by name
    master: str = ""
    dovecot: str = ""
    prefix: Sequence[str] = ()  # the words of a command that starts Postfix


_NOTHING = Additions()


def start(root: Path, more: Additions = _NOTHING) -> Server:
    """Both, running."""
    ports = _prepare(root)
    dovecot = _start_dovecot(root, ports, more.dovecot)
    return _server(root, ports, "Postfix + Dovecot", (_start_postfix(root, ports, more), dovecot))


def start_dovecot(root: Path) -> Server:
    """Dovecot alone, for IMAP."""
    ports = _prepare(root)
    return _server(root, ports, "Dovecot", (_start_dovecot(root, ports, ""),))


def _prepare(root: Path) -> dict[str, int]:
    if os.geteuid() != 0:
        raise SystemExit("Postfix and Dovecot need root to start.")
    root.chmod(0o755)
    certs.ensure(root / "tls", (f"mail.{DOMAIN}", HOST))
    return free_ports(("mx", "imaps", "lmtp", "submissions"))


def _server(root: Path, ports: dict[str, int], name: str, processes: "Sequence[subprocess.Popen[bytes]]") -> Server:
    logins = [f"user{number}@{DOMAIN}" for number in range(ACCOUNTS)]

    def stop() -> None:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)

    return Server(
        name=name,
        mx=ports["mx"],
        imaps=ports["imaps"],
        logins=logins,
        password=PASSWORD,
        pids=lambda: [pid for process in processes for pid in family(process.pid)],
        arrived=lambda: sum(_count(root / "mail" / login) for login in logins),
        stop=stop,
        submissions=ports["submissions"],
    )


def _count(maildir: Path) -> int:
    return sum(len(os.listdir(maildir / name)) for name in ("new", "cur") if (maildir / name).is_dir())


def _start_dovecot(root: Path, ports: dict[str, int], more: str) -> "subprocess.Popen[bytes]":
    folder = root / "dovecot"
    for name in ("run", "state"):
        (folder / name).mkdir(parents=True)
    mail = root / "mail"
    mail.mkdir()
    shutil.chown(mail, OWNER, OWNER)
    config = folder / "dovecot.conf"
    config.write_text((_DOVECOT + more).format(root=root, password=PASSWORD, owner=OWNER, **ports))
    process = subprocess.Popen(["dovecot", "-F", "-c", config], stdout=subprocess.DEVNULL)
    await_port(ports["imaps"], process)
    await_port(ports["lmtp"], process)
    return process


def _start_postfix(root: Path, ports: dict[str, int], more: Additions) -> "subprocess.Popen[bytes]":
    folder = root / "postfix"
    config = folder / "etc"
    for path in (config, folder / "queue", folder / "data"):
        path.mkdir(parents=True)
    shutil.chown(folder / "data", "postfix")
    (config / "main.cf").write_text((_MAIN + more.main).format(root=root, domain=DOMAIN, **ports))
    (config / "master.cf").write_text((_MASTER + more.master).format(root=root, **ports))
    for map_name in ("dynamicmaps.cf", "postfix-files"):
        if (source := Path("/etc/postfix") / map_name).exists():
            shutil.copy(source, config)
    subprocess.run(["postfix", "-c", config, "check"], check=True, capture_output=True)
    process = subprocess.Popen(
        [*more.prefix, "/usr/lib/postfix/sbin/master", "-c", config, "-d"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    await_port(ports["mx"], process)
    return process
