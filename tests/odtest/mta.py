"""Mail servers nobody here wrote, from private folders on loopback ports: Debian's Postfix and Exim. They need root.

Neither tries again by its own clock: what it could not get rid of waits for `hurry`.

Exim comes unpacked rather than installed, as a machine can have but one mail server installed; the user it was compiled
for is lent to it by nss_wrapper.
"""

import os
import shutil
import smtplib
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from odtest import chain
from odtest.daemon import free_port, until

NOBODY = 65534

_MAIN = """\
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {root}/log
maillog_file_prefixes = {root}
myhostname = mx.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = {domains}
virtual_mailbox_maps = static:u/
virtual_mailbox_base = {root}/mail
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 1
smtpd_recipient_restrictions = check_recipient_access texthash:{root}/access, permit_mynetworks, reject
smtpd_tls_cert_file = {root}/tls/server.pem
smtpd_tls_key_file = {root}/tls/server.key
smtpd_tls_security_level = may
smtp_tls_security_level = may
sender_dependent_default_transport_maps = texthash:{root}/ways
queue_run_delay = 1d
biff = no
smtpd_error_sleep_time = 0
"""

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd -o max_use=1
127.0.0.1:{clear_port} inet n - n - - smtpd -o max_use=1 -o smtpd_tls_security_level=none
pickup  unix n - n - 1 pickup
cleanup unix n - n - 0 cleanup
qmgr    unix n - n 1 1 qmgr
tlsmgr  unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce  unix - - n - 0 bounce
defer   unix - - n - 0 bounce
trace   unix - - n - 0 bounce
verify  unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp    unix - - n - - smtp
clear   unix - - n - - smtp -o smtp_tls_security_level=none
error   unix - - n - - error
retry   unix - - n - - error
virtual unix - n n - - virtual
anvil   unix - - n - 1 anvil
scache  unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

_EXIM = """\
exim_path = {root}/exim4
keep_environment = LD_PRELOAD : NSS_WRAPPER_PASSWD : NSS_WRAPPER_GROUP
primary_hostname = mx.example
spool_directory = {root}/queue
log_file_path = {root}/log-%s
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port} : {clear_port}
tls_certificate = {root}/tls/server.pem
tls_privatekey = {root}/tls/server.key
tls_advertise_hosts = ${{if ={{$received_port}}{{{clear_port}}}{{:}}{{*}}}}
acl_smtp_rcpt = rcpt
acl_smtp_data = data
begin acl
rcpt:
  defer condition = ${{lookup{{$local_part@$domain}}lsearch{{{root}/access}}{{${{if match{{$value}}{{^4}}}}}}}}
        message = ${{lookup{{$local_part@$domain}}lsearch{{{root}/access}}{{${{sg{{$value}}{{^....}}{{}}}}}}}}
  deny condition = ${{lookup{{$local_part@$domain}}lsearch{{{root}/access}}{{${{if match{{$value}}{{^5}}}}}}}}
        message = ${{lookup{{$local_part@$domain}}lsearch{{{root}/access}}{{${{sg{{$value}}{{^....}}{{}}}}}}}}
  accept hosts = 127.0.0.1
data:
  accept
begin routers
here:
  driver = accept
  domains = {domains}
  transport = maildir
{routers}begin transports
maildir:
  driver = appendfile
  directory = {root}/mail/u
  maildir_format
  user = Debian-exim
tls:
  driver = smtp
clear:
  driver = smtp
  hosts_avoid_tls = *
begin retry
* * F,1h,1s
"""

_ROUTER = """\
out_{port}_{transport}:
  driver = manualroute
  condition = ${{if eq{{$sender_address_domain}}{{{domain}}}}}
  route_list = * 127.0.0.1::{port}
  self = send
  transport = {transport}
"""


class Way(NamedTuple):
    """Where mail goes on to: a port here, by TLS if it is offered there or never."""

    port: int
    tls: bool = True


class Mta(ABC):
    """One server: mail for `domains` stays, all else goes on by the way of its sender's domain."""

    def __init__(self, root: Path, name: str, domains: Sequence[str], ways: Mapping[str, Way]) -> None:
        """`name` is the certificate's."""
        root.mkdir()
        for folder in (root, *root.parents):  # its processes are nobody's
            if folder == Path(tempfile.gettempdir()):
                break
            folder.chmod(0o755)
        self.root = root
        self.domains = domains
        self.ways = ways
        self.port = free_port()
        self.clear_port = free_port()
        """There it offers no TLS."""
        self.chain = chain.made(root / "tls", name)
        (root / "tls").chmod(0o755)
        (root / "tls" / "server.key").chmod(0o644)
        self.authority = root / "tls" / "ca.pem"
        self.answer({})
        (root / "mail").mkdir()
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def hurry(self) -> None:
        """Try again what waits."""

    @abstractmethod
    def _begin(self) -> "subprocess.Popen[bytes]": ...

    def start(self) -> None:
        """Returns once it answers."""
        self._process = self._begin()
        until(self._answers, "an answer of the server", 30)

    def stop(self, signal: int = 15) -> None:
        """With its children."""
        if self._process is not None:
            os.killpg(self._process.pid, signal)
            self._process.wait(20)
            self._process = None

    def answer(self, replies: dict[str, str]) -> None:
        """From now on these recipients are answered so: "450 4.7.1 come again"."""
        text = "".join(f"{self._key(address)} {reply}\n" for address, reply in replies.items())
        (self.root / "access").write_text(text)
        (self.root / "access").chmod(0o644)

    def _key(self, address: str) -> str:
        return address

    def send(self, sender: str, recipient: str, *letters: bytes) -> None:
        """Into its queue, to be sent on."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as client:
            for octets in letters:
                client.sendmail(sender, [recipient], octets, ["BODY=8BITMIME"])

    def messages(self, subject: str) -> list[bytes]:
        """What was delivered here under that subject, bodies only, lines ended by CRLF."""
        found = [path.read_bytes() for path in (self.root / "mail" / "u" / "new").glob("*")]
        halves = [octets.replace(b"\n", b"\r\n").partition(b"\r\n\r\n") for octets in found]
        return [body for head, _, body in halves if f"\r\nSubject: {subject}\r\n".encode() in head + b"\r\n"]

    def log(self) -> str:
        """For the message of a failed assertion."""
        return "".join(path.read_text() for path in self.root.glob("log*"))

    def _answers(self) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=5) as client:
                return client.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            time.sleep(0.1)
            return False


class Postfix(Mta):
    """Debian's package."""

    def hurry(self) -> None:
        subprocess.run(["postqueue", "-c", self.root / "etc", "-f"], check=True)

    def _begin(self) -> "subprocess.Popen[bytes]":
        config = self.root / "etc"
        if not config.exists():
            self._configure(config)
        master = ["/usr/lib/postfix/sbin/master", "-c", config, "-d"]
        return subprocess.Popen(master, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def _configure(self, config: Path) -> None:
        for path in (config, self.root / "queue", self.root / "data"):
            path.mkdir()
        shutil.chown(self.root / "data", "postfix")
        shutil.chown(self.root / "mail", NOBODY, NOBODY)
        lines = [
            f"@{domain} {'smtp' if way.tls else 'clear'}:[127.0.0.1]:{way.port}\n" for domain, way in self.ways.items()
        ]
        (self.root / "ways").write_text("".join(lines))
        (config / "main.cf").write_text(_MAIN.format(root=self.root, domains=" ".join(self.domains)))
        (config / "master.cf").write_text(_MASTER.format(port=self.port, clear_port=self.clear_port))
        subprocess.run(["postfix", "-c", config, "check"], check=True, capture_output=True)


class Exim(Mta):
    """Debian's exim4-daemon-light, unpacked by scripts/test."""

    def hurry(self) -> None:
        subprocess.run([*self._command(), "-qff"], env=self._lent(), check=True, capture_output=True)

    def _begin(self) -> "subprocess.Popen[bytes]":
        if not (self.root / "queue").exists():
            self._configure()
        with (self.root / "out").open("wb") as out:
            return subprocess.Popen(
                [*self._command(), "-bdf"], env=self._lent(), stdout=out, stderr=out, start_new_session=True
            )

    def _configure(self) -> None:
        (self.root / "queue").mkdir()
        for path in (self.root, self.root / "queue", self.root / "mail"):
            shutil.chown(path, NOBODY, NOBODY)
        (self.root / "passwd").write_text(
            f"{Path('/etc/passwd').read_text()}Debian-exim:x:{NOBODY}:{NOBODY}::/:/usr/sbin/nologin\n"
        )
        (self.root / "group").write_text(f"{Path('/etc/group').read_text()}Debian-exim:x:{NOBODY}:\n")
        # Not set-uid as Debian's is: it calls itself, and the system would not let it keep the user that it is lent.
        shutil.copyfile(Path(sys.prefix) / "peers" / "usr" / "sbin" / "exim4", self.root / "exim4")
        (self.root / "exim4").chmod(0o755)
        routers = [
            _ROUTER.format(domain=domain, port=way.port, transport="tls" if way.tls else "clear")
            for domain, way in self.ways.items()
        ]
        facts = {"root": self.root, "port": self.port, "clear_port": self.clear_port}
        (self.root / "exim.conf").write_text(
            _EXIM.format(domains=" : ".join(self.domains), routers="".join(routers), **facts)
        )

    def _command(self) -> list[Path | str]:
        return [self.root / "exim4", "-C", self.root / "exim.conf"]

    def _lent(self) -> dict[str, str]:
        return os.environ | {
            "LD_PRELOAD": "libnss_wrapper.so",
            "NSS_WRAPPER_PASSWD": str(self.root / "passwd"),
            "NSS_WRAPPER_GROUP": str(self.root / "group"),
        }

    def _key(self, address: str) -> str:
        return f'"{address}"'
