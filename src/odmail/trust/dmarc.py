"""Does anybody who may speak for the From domain vouch for this message, and what if not?  RFC 9989 5"""

from collections.abc import Sequence

import msgspec

from odcore.errors import Fault, Kind
from odcore.net.dns import Resolver
from odmail.trust import dmarc_policy
from odmail.trust.dkim_verify import Signature
from odmail.trust.spf import Answer


class Judgement(msgspec.Struct, frozen=True):
    """`request` is what the domain's owner asks for when the result is "fail"."""

    result: str  # "none", "pass", "fail", "temperror", "permerror"
    domain: str
    request: str = "none"  # "none", "quarantine", "reject"
    dkim: bool = False  # does it vouch for the domain, whether or not there is a policy?
    spf: bool = False
    policy: dmarc_policy.Policy | None = None  # the record that was applied
    reason: str = ""

    @property
    def aligned(self) -> bool:
        """By SPF or DKIM."""
        return self.dkim or self.spf


def judge(domain: str, spf: Answer, signatures: Sequence[Signature], resolver: Resolver) -> Judgement:
    """For the one domain of the From field."""
    try:
        found = dmarc_policy.discover(domain, resolver)
        alignment = _Alignment(domain, found, resolver)
        by_dkim, by_spf = alignment.check(spf, signatures)
        if by_dkim or by_spf:
            return Judgement("pass" if found.policy else "none", domain, dkim=by_dkim, spf=by_spf, policy=found.policy)
        if found.policy is None:
            return Judgement("none", domain)
        if _is_uncertain(spf, signatures):
            return Judgement("temperror", domain, reason="the DNS did not tell enough")
        request = found.policy.request(domain, _exists(domain, resolver))
    except Fault as fault:
        return Judgement("temperror", domain, reason=fault.text)
    return Judgement("fail", domain, request, policy=found.policy)


class _Alignment:
    """RFC 9989 4.4"""

    def __init__(self, domain: str, found: dmarc_policy.Found, resolver: Resolver) -> None:
        self._domain = domain
        self._found = found
        self._resolver = resolver

    def check(self, spf: Answer, signatures: Sequence[Signature]) -> tuple[bool, bool]:
        """By DKIM and by SPF. What is near is only asked about where nothing equal vouches."""
        policy = self._found.policy
        signed = {each.domain for each in signatures if each.result == "pass"}
        sent = {spf.domain} if spf.result == "pass" else set()
        by_dkim, by_spf = self._domain in signed, self._domain in sent
        if not by_dkim and not (policy and policy.strict_dkim):
            by_dkim = self._is_near(signed, sure=by_spf)
        if not by_spf and not (policy and policy.strict_spf):
            by_spf = self._is_near(sent, sure=by_dkim)
        return by_dkim, by_spf

    def _is_near(self, domains: set[str], *, sure: bool) -> bool:
        """Of the same organization? Where the other one vouches, no answer is as good as no."""
        try:
            return any(
                dmarc_policy.discover(each, self._resolver).organization == self._found.organization
                for each in domains
                if _are_near(each, self._domain)
            )
        except Fault:
            if sure:
                return False
            raise


def _are_near(one: str, other: str) -> bool:
    """Two domains of one organization share more than their last label: no question about those that do not."""
    return one.split(".")[-2:] == other.split(".")[-2:]


def _is_uncertain(spf: Answer, signatures: Sequence[Signature]) -> bool:
    return spf.result == "temperror" or any(each.result == "temperror" for each in signatures)


def _exists(domain: str, resolver: Resolver) -> bool:
    """RFC 9989 3.2.16: with no address and no exchanger a domain does not exist."""
    for question in (resolver.mx, resolver.addresses):
        try:
            if question(domain):
                return True
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                return True
    return False
