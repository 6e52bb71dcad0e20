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
    aligned: bool = False  # by SPF or DKIM, whether or not there is a policy
    policy: str = ""  # the domain whose record was applied
    reason: str = ""


def judge(domain: str, spf: Answer, signatures: Sequence[Signature], resolver: Resolver) -> Judgement:
    """For the one domain of the From field."""
    try:
        found = dmarc_policy.discover(domain, resolver)
        passed = _is_aligned(domain, spf, signatures, found, resolver)
        if passed:
            return Judgement("pass" if found.policy else "none", domain, aligned=True)
        if found.policy is None:
            return Judgement("none", domain)
        if _is_uncertain(spf, signatures):
            return Judgement("temperror", domain, reason="the DNS did not tell enough")
        request = found.policy.request(domain, _exists(domain, resolver))
    except Fault as fault:
        return Judgement("temperror", domain, reason=fault.text)
    return Judgement("fail", domain, request, policy=found.policy.domain)


def _is_aligned(
    domain: str, spf: Answer, signatures: Sequence[Signature], found: dmarc_policy.Found, resolver: Resolver
) -> bool:
    """RFC 9989 4.4"""
    policy = found.policy
    vouching = [(each.domain, bool(policy and policy.strict_dkim)) for each in signatures if each.result == "pass"]
    if spf.result == "pass":
        vouching.append((spf.domain, bool(policy and policy.strict_spf)))
    if any(each == domain for each, _ in vouching):
        return True
    relaxed = {each for each, strict in vouching if not strict and _are_near(each, domain)}
    return any(dmarc_policy.discover(each, resolver).organization == found.organization for each in relaxed)


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
