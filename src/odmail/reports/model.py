"""What reports say: mail that was seen in a domain's name, and TLS sessions with its servers.  RFC 9990, RFC 8460"""

import enum

import msgspec


class Kind(enum.StrEnum):
    """Of a report."""

    DMARC = "dmarc"
    TLS = "tls"


class Head(msgspec.Struct, frozen=True):
    """Who reports what time. Seconds since the epoch."""

    organization: str
    contact: str
    id: str
    begin: int
    end: int


class Signed(msgspec.Struct, frozen=True):
    """One DKIM signature, and what became of it."""

    domain: str
    selector: str
    result: str


class DmarcRow(msgspec.Struct, frozen=True):
    """Messages that were alike in all this. `dkim` and `spf`: did an aligned identifier pass?"""

    source: str  # the client's address
    disposition: str  # "none", "quarantine", "reject"
    dkim: str  # "pass", "fail"
    spf: str
    header_from: str
    envelope_from: str = ""
    signatures: tuple[Signed, ...] = ()
    spf_domain: str = ""
    spf_result: str = ""
    spf_scope: str = "mfrom"
    reason: str = ""  # why the disposition is not what the policy asks for
    count: int = 1


class DmarcPolicy(msgspec.Struct, frozen=True):
    """As published."""

    domain: str
    own: str = "none"  # p
    below: str = ""  # sp
    missing: str = ""  # np
    adkim: str = "r"
    aspf: str = "r"
    testing: bool = False


class DmarcReport(msgspec.Struct, frozen=True):
    """One aggregate report."""

    head: Head
    policy: DmarcPolicy
    rows: tuple[DmarcRow, ...] = ()

    @property
    def domain(self) -> str:
        """What it is about."""
        return self.policy.domain


class TlsFailure(msgspec.Struct, frozen=True):
    """Sessions that failed alike."""

    result: str  # RFC 8460 4.3
    host: str = ""  # receiving-mx-hostname
    receiving: str = ""  # receiving-ip
    sending: str = ""  # sending-mta-ip
    reason: str = ""
    count: int = 1


class TlsSession(msgspec.Struct, frozen=True):
    """One of ours: what was asked of us, and how it went."""

    type: str
    texts: tuple[str, ...]
    host: str
    receiving: str
    problem: str = ""
    reason: str = ""


class TlsPolicy(msgspec.Struct, frozen=True):
    """What was asked of the sender, and how it went."""

    type: str  # "tlsa", "sts", "no-policy-found"
    domain: str
    texts: tuple[str, ...] = ()  # policy-string
    successes: int = 0
    failures: int = 0
    details: tuple[TlsFailure, ...] = ()


class TlsReport(msgspec.Struct, frozen=True):
    """One report."""

    head: Head
    policies: tuple[TlsPolicy, ...] = ()

    @property
    def domain(self) -> str:
        """What it is about."""
        return self.policies[0].domain if self.policies else ""


Report = DmarcReport | TlsReport


class Known(msgspec.Struct, frozen=True):
    """A report that was taken in. `vouched`: DKIM, SPF or DMARC says that it is its sender's."""

    number: int
    kind: Kind
    organization: str
    id: str
    domain: str
    begin: int
    end: int
    received: int
    sender: str
    vouched: bool
    count: int  # messages or sessions
    failures: int  # that failed DMARC, or TLS


class Source(msgspec.Struct, frozen=True):
    """All that was seen of one client in a domain's name."""

    source: str
    domain: str
    count: int
    dkim: int  # passed by it
    spf: int
    failures: int  # passed by neither
    refused: int  # rejected or quarantined
    reports: int


class Obstacle(msgspec.Struct, frozen=True):
    """What went wrong with TLS at one host, one way."""

    domain: str
    host: str
    result: str
    count: int
    reports: int
