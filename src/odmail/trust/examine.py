"""All that can be found out about who sent a message: SPF, DKIM, ARC, DMARC, the client's name and greeting.

Pure but for the resolver: same facts, same answers of the DNS, same findings.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from odcore.net.dns import Resolver
from odmail.queue.model import Envelope, Origin
from odmail.queue.verdict import Action, Finding
from odmail.trust import arc_verify, dkim_verify, dmarc, helo, reverse_dns, spf
from odmail.trust.author import Author, claims
from odmail.trust.dkim_verify import Signature, Signed
from odmail.trust.dmarc import Judgement


class House(msgspec.Struct, frozen=True):
    """What a check knows of us."""

    host: str
    is_ours: Callable[[str], bool]
    sealers: frozenset[str] = frozenset()  # domains whose ARC seals excuse a DMARC failure


class Authentication(msgspec.Struct, frozen=True):
    """The findings; `domains` vouch for the message, `aligned` tells whether one of them may speak for the author."""

    findings: tuple[Finding, ...]
    domains: frozenset[str]
    aligned: bool
    evaluation: "Evaluation | None" = None


class Evaluation(msgspec.Struct, frozen=True):
    """What a domain's owner may want to hear of: one whose record asks for reports."""

    judgement: Judgement
    spf: spf.Answer
    signatures: tuple[Signature, ...]
    excused: bool  # a trusted sealer vouched


def examine(
    house: House, envelope: Envelope, origin: Origin, author: Author, message: Signed, resolver: Resolver, now: int
) -> Authentication:
    """Asks the DNS as little as it can; what it does not learn is a temperror, never a refusal (P16)."""
    answer = spf.check(spf.Asked(origin.address, envelope.sender, origin.helo, house.host), resolver)
    signatures = dkim_verify.verify(message, resolver, now)
    chain = arc_verify.verify(message, resolver)
    findings = [
        *filter(None, (helo.check(origin.helo, origin.address, house.host, house.is_ours),)),
        reverse_dns.check(origin.address, resolver),
        _spf(answer, envelope, origin, signed=any(each.result == "pass" for each in signatures)),
        *_dkim(signatures),
        *_arc(chain),
    ]
    judgement = dmarc.judge(author.domain, answer, signatures, resolver) if author.domain else None
    trusted = chain.result == "pass" and chain.sealer in house.sealers and "dmarc=pass" in chain.results
    findings.append(_dmarc(judgement, author, excused=trusted))
    aligned = trusted or bool(judgement and judgement.aligned)
    domains = {each.domain for each in signatures if each.result == "pass"}
    domains |= {answer.domain} if answer.result == "pass" else set()
    findings += own_domain(house, envelope, author, aligned, answer.result, _is_uncertain(findings))
    evaluation = None
    if judgement and judgement.policy and judgement.policy.reports:
        evaluation = Evaluation(judgement, answer, tuple(signatures), trusted)
    return Authentication(tuple(findings), frozenset(domains), aligned, evaluation)


def own_domain(
    house: House, envelope: Envelope, author: Author, aligned: bool, spf_result: str = "none", uncertain: bool = False
) -> Iterable[Finding]:
    """Mail from outside that claims to be ours must prove it; while the DNS is silent it has to wait."""
    sender = envelope.sender.rpartition("@")[2]
    claimed = claims(author, house.is_ours) and not aligned
    if not claimed and not (sender and house.is_ours(sender) and spf_result != "pass" and not aligned):
        return
    action = Action.DEFER if uncertain else Action.REFUSE
    yield Finding("own-domain", "fail", "claims to be from a domain of ours", action=action)


def _spf(answer: spf.Answer, envelope: Envelope, origin: Origin, *, signed: bool) -> Finding:
    """A fail that no signature makes up for goes into Junk. With one, somebody forwarded it: that is no offense."""
    identity = ("smtp.mailfrom", envelope.sender) if envelope.sender else ("smtp.helo", origin.helo)
    weights = {"pass": -0.2} if signed else {"pass": -0.2, "softfail": 1.0, "fail": 3.0, "permerror": 0.5}
    score = weights.get(answer.result, 0.0)
    action = Action.JUNK if answer.result == "fail" and not signed else Action.NONE
    return Finding("spf", answer.result, answer.reason, score, action, facts=(identity,))


def _dkim(signatures: Sequence[Signature]) -> list[Finding]:
    if not signatures:
        return [Finding("dkim", "none")]
    findings = []
    for number, each in enumerate(signatures):
        facts = (
            ("header.d", each.domain),
            ("header.s", each.selector),
            ("header.a", each.algorithm),
            ("header.i", each.identity),
            ("header.b", each.value),
        )
        score = {"pass": -0.2, "fail": 0.5}.get(each.result, 0.0) if number == 0 else 0.0
        findings.append(Finding("dkim", each.result, each.reason, score, facts=facts))
    return findings


def _arc(chain: arc_verify.Chain) -> list[Finding]:
    if chain.result == "none":
        return []
    return [Finding("arc", chain.result, chain.reason, facts=(("header.d", chain.sealer),))]


def _dmarc(judgement: Judgement | None, author: Author, *, excused: bool) -> Finding:
    """Policy applied: reject refuses, quarantine goes into Junk. A From that cannot be read is a failure (A11)."""
    if judgement is None:
        return Finding("dmarc", "permerror", author.problem, score=3.0, action=Action.JUNK)
    domain = ("header.from", judgement.domain)
    if judgement.result != "fail":
        return Finding("dmarc", judgement.result, judgement.reason, facts=(domain,))
    facts = (domain, ("policy.dmarc", judgement.request))
    if excused:
        return Finding("dmarc", "fail", "vouched for by a trusted sealer", facts=facts)
    asking = judgement.policy.domain if judgement.policy else judgement.domain
    action = {"reject": Action.REFUSE, "quarantine": Action.JUNK}.get(judgement.request, Action.NONE)
    reason = f"{asking} asks for {judgement.request} of mail it does not vouch for"
    return Finding("dmarc", "fail", reason, 1.0, action, "5.7.26", facts)


def _is_uncertain(findings: Iterable[Finding]) -> bool:
    return any(each.result == "temperror" for each in findings if each.check in ("spf", "dkim", "dmarc"))
