"""What became of TLS when a conversation was opened, in the words of reports.  RFC 8460 4.3"""

from odmail.delivery.ports import Host, Security, Session
from odmail.smtp.client import Client
from odmail.smtp.types import Need

_NAMES = (
    ("expired", "certificate-expired"),
    ("mismatch", "certificate-host-mismatch"),
    ("self-signed", "certificate-not-trusted"),
    ("self signed", "certificate-not-trusted"),
    ("unable to get", "certificate-not-trusted"),
    ("certificate verify failed", "certificate-not-trusted"),
)


def tls_session(host: Host, address: str, client: Client, *, failed: bool) -> Session | None:
    """None where it never came to that: nobody there, or somebody who speaks no SMTP."""
    reason, code = (client.failure.text, client.failure.enhanced) if client.failure else ("", "")
    if failed or code == "4.7.5":  # some certificates are refused behind a handshake that went well
        return Session(host.name, address, _problem(host, reason), reason)
    if client.tls:
        return Session(host.name, address)
    if client.want is Need.WORK or code == "4.7.4":
        return Session(host.name, address, "starttls-not-supported")
    return None


def _problem(host: Host, reason: str) -> str:
    if host.security is Security.DANE:
        return "validation-failure"
    low = reason.lower()
    return next((name for words, name in _NAMES if words in low), "validation-failure")
