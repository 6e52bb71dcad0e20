"""What a domain asks receivers to do, found by walking up the DNS tree.  RFC 9989 4.7, 4.10"""

from collections.abc import Iterator

import msgspec

from odcore.errors import Fault, Kind
from odcore.net.dns import Resolver
from odmail.trust import tags

_POLICIES = ("none", "quarantine", "reject")
_LONGEST_WALK = 8
"""Questions of one walk (RFC 9989 4.10)."""


class Policy(msgspec.Struct, frozen=True):
    """One record. `domain` is where it was found."""

    domain: str
    own: str  # p
    below: str  # sp
    missing: str  # np
    strict_dkim: bool = False
    strict_spf: bool = False
    suffix: str = "u"  # psd: "y", "n", "u"
    testing: bool = False  # t=y; pct=0 before RFC 9989
    reports: str = ""  # rua

    def request(self, domain: str, exists: bool) -> str:
        """For mail of `domain`: "none", "quarantine" or "reject", one step less while testing."""
        asked = self.own if domain == self.domain else self.below if exists else self.missing
        return _POLICIES[max(0, _POLICIES.index(asked) - 1)] if self.testing else asked


class Found(msgspec.Struct, frozen=True):
    """Where a domain belongs, and the policy that holds for it."""

    organization: str
    policy: Policy | None = None


def discover(domain: str, resolver: Resolver) -> Found:
    """RFC 9989 4.10.1, 4.10.2. Fault TRY_LATER when the DNS is silent."""
    walked = list(_walk(domain, resolver))
    organization = _organization(domain, walked)
    by_domain = {policy.domain: policy for policy in walked}
    suffix = next((policy for policy in walked if policy.suffix == "y"), None)
    return Found(organization, by_domain.get(domain) or by_domain.get(organization) or suffix)


def _organization(domain: str, walked: list[Policy]) -> str:
    for policy in walked:
        if policy.suffix == "n":
            return policy.domain
        if policy.suffix == "y" and policy.domain != domain:
            count = policy.domain.count(".") + 2
            return ".".join(domain.split(".")[-count:])
    return min((policy.domain for policy in walked), key=lambda each: each.count("."), default=domain)


def _walk(domain: str, resolver: Resolver) -> Iterator[Policy]:
    """The records from the domain itself upwards."""
    labels = domain.split(".")
    rest = labels[1:] if len(labels) < _LONGEST_WALK else labels[1 - _LONGEST_WALK :]
    for name in [domain, *(".".join(rest[at:]) for at in range(len(rest)))]:
        policy = _ask(name, resolver)
        if policy is not None:
            yield policy
            if policy.suffix != "u":
                return


def _ask(domain: str, resolver: Resolver) -> Policy | None:
    try:
        texts = resolver.txt(f"_dmarc.{domain}")
    except Fault as fault:
        if fault.kind is Kind.NOT_FOUND:
            return None
        raise
    found = [policy for policy in (read(domain, text) for text in texts) if policy is not None]
    return found[0] if len(found) == 1 else None  # several are as none


def read(domain: str, text: bytes) -> Policy | None:
    """One TXT record; None when it is no DMARC record that can be understood."""
    try:
        found = tags.parse(text)
    except tags.BadTags:
        return None
    if next(iter(found), "") != "v" or found["v"] != "DMARC1":
        return None
    own = found.get("p", "").lower()
    if own not in _POLICIES:  # RFC 9989 4.7: a record that only asks for reports asks for nothing else
        if "mailto:" not in found.get("rua", ""):
            return None
        own = "none"
    below = found.get("sp", "").lower()
    below = below if below in _POLICIES else own
    missing = found.get("np", "").lower()
    return Policy(
        domain,
        own,
        below,
        missing if missing in _POLICIES else below,
        found.get("adkim", "").lower() == "s",
        found.get("aspf", "").lower() == "s",
        found.get("psd", "u").lower(),
        found.get("t", "").lower() == "y" or found.get("pct") == "0",
        found.get("rua", ""),
    )
