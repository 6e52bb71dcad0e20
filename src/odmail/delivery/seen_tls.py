"""One TLS session as the domain it was for will hear of it.  RFC 8460 4.4"""

from collections.abc import Sequence

from odmail.delivery.ports import Host, Security, Session
from odmail.reports.model import TlsSession
from odmail.transport.sts import Policy


def seen_tls(session: Session, hosts: Sequence[Host], policy: Policy | None) -> TlsSession:
    """DANE comes first, as it does when mail is sent."""
    host = next((each for each in hosts if each.name == session.host), None)
    kind, texts = "no-policy-found", tuple[str, ...]()
    if host is not None and host.security is Security.DANE:
        kind = "tlsa"
        texts = tuple(f"{each.usage} {each.selector} {each.matching} {each.data.hex()}" for each in host.tlsa)
    elif policy is not None:
        kind, texts = "sts", policy.lines()
    return TlsSession(kind, texts, session.host, session.address, session.problem, session.reason[:200])
