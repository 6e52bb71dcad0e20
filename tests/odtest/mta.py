"""Mail servers nobody here wrote, from private folders on loopback ports: Debian's Postfix and Exim. They need root.

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
from pathlib import Path

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
virtual_mailbox_domains = peer.example
virtual_mailbox_maps = static:u/
virtual_mailbox_base = {root}/mail
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 1
smtpd_recipient_restrictions = check_recipient_access texthash:{root}/access, permit_mynetworks, reject
smtpd_tls_cert_file = {root}/tls/server.pem
smtpd_tls_key_file = {root}/tls/server.key
smtpd_tls_security_level = {offers}
smtp_tls_security_level = {wishes}
relayhost = [127.0.0.1]:{next}
minimal_backoff_time = 1s
queue_run_delay = 1s
biff = no
"""

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd -o max_use=1
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
error   unix - - n - - error
retry   unix - - n - - error
virtual unix - n n - - virtual
anvil   unix - - n - 1 anvil
scache  unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

_EXIM = """\
exim_path = {binary}
keep_environment = LD_PRELOAD : NSS_WRAPPER_PASSWD : NSS_WRAPPER_GROUP
primary_hostname = mx.example
spool_directory = {root}/queue
log_file_path = {root}/log-%s
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_certificate = {root}/tls/server.pem
tls_privatekey = {root}/tls/server.key
tls_advertise_hosts = {offers}
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
  domains = peer.example
  transport = maildir
out:
  driver = manualroute
  route_list = * 127.0.0.1::{next}
  self = send
  transport = smtp
begin transports
maildir:
  driver = appendfile
  directory = {root}/mail/u
  maildir_format
  user = Debian-exim
smtp:
  driver = smtp
  hosts_avoid_tls = {avoids}
begin retry
* * F,1h,1s
"""


class Mta(ABC):
    """One server; mail for peer.example stays, all else goes on to `next`."""

    def __init__(self, root: Path, next: int, *, tls: bool) -> None:
        for folder in (root, *root.parents):  # its processes are nobody's
            if folder == Path(tempfile.gettempdir()):
                break
            folder.chmod(0o755)
        self.root = root
        self.next = next
        self.tls = tls
        self.port = free_port()
        self.chain = chain.made(root / "tls", "mx.example")
        (root / "tls").chmod(0o755)
        (root / "tls" / "server.key").chmod(0o644)
        self.authority = root / "tls" / "ca.pem"
        self.answer({})
        (root / "mail").mkdir()
        self._process: subprocess.Popen[bytes] | None = None

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

    def send(self, octets: bytes, *recipients: str) -> None:
        """Into its queue, to be sent on."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as client:
            client.sendmail("anna@peer.example", recipients, octets, ["BODY=8BITMIME"])

    def messages(self) -> list[bytes]:
        """What was delivered here, bodies only, lines ended by CRLF."""
        found = sorted((self.root / "mail" / "u" / "new").glob("*"))
        return [path.read_bytes().replace(b"\n", b"\r\n").partition(b"\r\n\r\n")[2] for path in found]

    def _answers(self) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=5) as client:
                return client.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            time.sleep(0.1)
            return False


class Postfix(Mta):
    """Debian's package."""

    def _begin(self) -> "subprocess.Popen[bytes]":
        config = self.root / "etc"
        for path in (config, self.root / "queue", self.root / "data"):
            path.mkdir(exist_ok=True)
        shutil.chown(self.root / "data", "postfix")
        shutil.chown(self.root / "mail", NOBODY, NOBODY)
        offers, wishes = ("may", "may") if self.tls else ("none", "none")
        (config / "main.cf").write_text(_MAIN.format(root=self.root, next=self.next, offers=offers, wishes=wishes))
        (config / "master.cf").write_text(_MASTER.format(port=self.port))
        subprocess.run(["postfix", "-c", config, "check"], check=True, capture_output=True)
        master = ["/usr/lib/postfix/sbin/master", "-c", config, "-d"]
        return subprocess.Popen(master, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


class Exim(Mta):
    """Debian's exim4-daemon-light, unpacked by scripts/test."""

    def _begin(self) -> "subprocess.Popen[bytes]":
        (self.root / "queue").mkdir(exist_ok=True)
        for path in (self.root, self.root / "queue", self.root / "mail"):
            shutil.chown(path, NOBODY, NOBODY)
        users, groups = self.root / "passwd", self.root / "group"
        users.write_text(f"{Path('/etc/passwd').read_text()}Debian-exim:x:{NOBODY}:{NOBODY}::/:/usr/sbin/nologin\n")
        groups.write_text(f"{Path('/etc/group').read_text()}Debian-exim:x:{NOBODY}:\n")
        binary = Path(sys.prefix) / "peers" / "usr" / "sbin" / "exim4"
        offers, avoids = ("*", ":") if self.tls else (":", "*")
        config = self.root / "exim.conf"
        facts = {"root": self.root, "binary": binary, "port": self.port, "next": self.next}
        config.write_text(_EXIM.format(offers=offers, avoids=avoids, **facts))
        lent = {
            "LD_PRELOAD": "libnss_wrapper.so",
            "NSS_WRAPPER_PASSWD": str(users),
            "NSS_WRAPPER_GROUP": str(groups),
        }
        command = [binary, "-C", config, "-bdf", "-q1s"]
        with (self.root / "out").open("wb") as out:
            return subprocess.Popen(command, env=os.environ | lent, stdout=out, stderr=out, start_new_session=True)

    def _key(self, address: str) -> str:
        return f'"{address}"'
