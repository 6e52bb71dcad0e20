"""Both sides with every check on: odmail as it comes, Postfix with the filters that Debian has for it.

A client on 127.0.0.1 is one of us on both sides; all of 127.77.0.0/16 is the outside.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.mail import ours, peers
from bench.mail.server import HOST, Server, family
from bench.smtp import names
from bench.smtp.senders import SECRET, SELECTOR
from odtest.daemon import until

_MAIN = """\
mynetworks = 127.0.0.1/32
relayhost = [127.0.0.1]:{sink}
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = permit_sasl_authenticated, reject_unauth_destination,
    check_policy_service unix:private/policyd-spf
policyd-spf_time_limit = 3600
smtpd_milters = unix:{{root}}/opendkim/socket, unix:{{root}}/opendmarc/socket
smtpd_tls_cert_file = {{root}}/tls/server.pem
smtpd_tls_key_file = {{root}}/tls/server.key
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = {{root}}/dovecot/run/auth-postfix
"""

_MASTER = """\
127.0.0.1:{submissions} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes
policyd-spf unix - n n - 0 spawn user=policyd-spf argv=/usr/bin/policyd-spf {root}/policyd-spf.conf
"""

_DOVECOT = """\
service auth {{
  unix_listener auth-postfix {{
    mode = 0666
  }}
}}
"""

_SPF = """\
debugLevel = 1
TestOnly = 1
HELO_reject = Fail
Mail_From_reject = Fail
PermError_reject = False
TempError_Defer = False
skip_addresses = 127.0.0.1/32
Header_Type = AR
Authserv_Id = {host}
"""

_DKIM = """\
Syslog yes
SyslogSuccess yes
Canonicalization relaxed/simple
OversignHeaders From
Mode sv
UserID opendkim
UMask 000
Socket local:{folder}/socket
AuthservID {host}
InternalHosts 127.0.0.1
Nameservers {dns}
Domain {domain}
Selector {selector}
KeyFile {folder}/key
RequireSafeKeys No
"""

_DMARC = """\
Syslog true
UserID opendmarc
UMask 000
Socket local:{folder}/socket
PublicSuffixList /usr/share/publicsuffix/public_suffix_list.dat
AuthservID {host}
TrustedAuthservIDs {host}
IgnoreHosts {folder}/hosts
RejectFailures true
HistoryFile {folder}/history
"""


def odmail(root: Path, sink: int) -> Server:
    """Running, its mail for the outside going to that port."""
    settings = {
        "nameservers": f'["{names.ADDRESS}"]',
        "trusted": '["127.0.0.1/32"]',
        "greylist": '"off"',
        "messages_per_minute": "0",
        "relay": f'"{HOST}:{sink}"',
        "listen": "[]",
        "recipients_per_hour": "0",
    }
    server = ours.start(root, settings)
    command = [str(Path(sys.executable).with_name("odmail")), "--config", str(root / "odmail.toml"), "dkim"]
    subprocess.run([*command, "generate", ours.DOMAIN], check=True, stdout=subprocess.DEVNULL)
    return server


@contextmanager
def postfix(root: Path, sink: int) -> Iterator[Server]:
    """Running, with Dovecot behind it and its filters in front."""
    host = f"mail.{peers.DOMAIN}"
    root.chmod(0o755)
    (root / "policyd-spf.conf").write_text(_SPF.format(host=host))
    prefix = names.in_a_world_of_its_own(root)
    with ExitStack() as stack:
        filters = [stack.enter_context(_filter(root, name, host, prefix)) for name in ("opendkim", "opendmarc")]
        more = peers.Additions(_MAIN.format(sink=sink), _MASTER, _DOVECOT, prefix)
        server = peers.start(root, more)
        stack.callback(server.stop)
        server.name = "Postfix + filters"
        postfix_pids = server.pids
        server.pids = lambda: [*postfix_pids(), *(pid for process in filters for pid in family(process.pid))]
        yield server


@contextmanager
def _filter(root: Path, name: str, host: str, prefix: tuple[str, ...]) -> "Iterator[subprocess.Popen[bytes]]":
    """OpenDKIM or OpenDMARC, as Debian configures it, but for what it must know of us."""
    folder = root / name
    folder.mkdir()
    if name == "opendkim":
        (folder / "key").write_bytes(SECRET)
        (folder / "key").chmod(0o600)
    (folder / "hosts").write_text("127.0.0.1\n")
    text = {"opendkim": _DKIM, "opendmarc": _DMARC}[name]
    facts = {"folder": folder, "host": host, "domain": peers.DOMAIN, "selector": SELECTOR, "dns": names.ADDRESS}
    (folder / "conf").write_text(text.format(**facts))
    for path in (folder, *folder.iterdir()):
        shutil.chown(path, name, name)
    process = subprocess.Popen([*prefix, name, "-f", "-x" if name == "opendkim" else "-c", folder / "conf"])
    try:
        until((folder / "socket").exists, f"the socket of {name}", 20)
        yield process
    finally:
        process.terminate()
        process.wait(20)
