"""Debian's Dovecot as a foreign server, from a private folder on a loopback port; no system service is touched."""

import contextlib
import os
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from imapclient import IMAPClient

from odsuite import certs
from odtest.daemon import free_port, until

PASSWORD = "old-system-2026"
_OWNER = 65534  # nobody: who owns the mail

_CONFIG = """\
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{root}/tls/server.pem
ssl_key = <{root}/tls/server.key
mail_location = maildir:{root}/mail/%u
first_valid_uid = 1
mail_max_userip_connections = 0
auth_mechanisms = plain
auth_master_user_separator = *
namespace inbox {{
  inbox = yes
  prefix = {prefix}
  separator = .
  mailbox Verschickt {{
    special_use = \\Sent
    auto = subscribe
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner} home={root}/mail/%u allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
"""


class Dovecot:
    """A running one; anybody signs in with PASSWORD."""

    def __init__(self, root: Path, prefix: str) -> None:
        self.port = free_port()
        self.authority = certs.ensure(root / "tls", ("localhost",))
        for name in ("run", "state", "mail"):
            (root / name).mkdir()
        root.chmod(0o755)
        shutil.chown(root / "mail", _OWNER, _OWNER)
        config = root / "dovecot.conf"
        config.write_text(
            _CONFIG.format(root=root, prefix=prefix, port=self.port, password=PASSWORD, owner=_OWNER), "utf-8"
        )
        self.process = subprocess.Popen(["dovecot", "-F", "-c", config], stdout=subprocess.DEVNULL)
        until(self._answers, "dovecot listens")

    def client(self, login: str) -> IMAPClient:
        """Signed in, and its certificate checked."""
        context = ssl.create_default_context(cafile=self.authority)
        client = IMAPClient("localhost", self.port, ssl_context=context, timeout=30)
        client.login(login, PASSWORD)
        return client

    def _answers(self) -> bool:
        assert self.process.poll() is None, "dovecot ended at once"
        with contextlib.suppress(OSError):
            self.client("probe").logout()
            return True
        return False


@contextlib.contextmanager
def running(prefix: str = "") -> Iterator[Dovecot]:
    """Needs root, as it changes to users of its own, and a folder that they can enter."""
    assert os.geteuid() == 0, "Dovecot needs root to start"
    root = Path(tempfile.mkdtemp(prefix="dovecot", dir="/tmp"))
    server = Dovecot(root, prefix)
    try:
        yield server
    finally:
        server.process.terminate()
        server.process.wait(30)
        shutil.rmtree(root, ignore_errors=True)
