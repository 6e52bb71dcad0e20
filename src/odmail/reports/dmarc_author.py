"""What we saw in a domain's name, for its owner.  RFC 9990 3"""

from collections.abc import Sequence

import msgspec

from odcore import ids
from odcore.errors import Fault, Kind
from odcore.net.dns import Resolver
from odmail.reports import dmarc_xml
from odmail.reports.addresses import Wanted, agreed, read
from odmail.reports.letter import Letter
from odmail.reports.model import DmarcPolicy, DmarcReport, DmarcRow, Head
from odmail.reports.model import Kind as Sort
from odmail.reports.tally import DAY
from odmail.trust import dmarc_policy


class DmarcAuthor:
    """See `outbound.Author`."""

    kind = Sort.DMARC

    def __init__(self, host: str, resolver: Resolver) -> None:
        self._host = host
        self._resolver = resolver

    def wanted(self, domain: str) -> list[Wanted]:
        """As the record says today, without those who never agreed."""
        policy = self._policy(domain)
        found = [each for each in read(policy.reports if policy else "") if each.is_mail]
        return [each for each in found if agreed(domain, each, self._resolver)]

    def write(self, day: int, domain: str, seen: Sequence[tuple[str, int]]) -> Letter:
        """One row for all messages that were alike."""
        begin, end, name = day * DAY, (day + 1) * DAY - 1, ids.uuid7()
        rows = (msgspec.structs.replace(msgspec.json.decode(what, type=DmarcRow), count=count) for what, count in seen)
        head = Head(self._host, f"postmaster@{self._host}", name, begin, end)
        report = DmarcReport(head, _published(domain, self._policy(domain)), tuple(rows))
        return Letter(
            subject=f"Report Domain: {domain} Submitter: {self._host} Report-ID: <{name}>",
            text=f"This is a DMARC aggregate report on {domain} by {self._host}.",
            document=dmarc_xml.write(report),
            name=f"{self._host}!{domain}!{begin}!{end}!{name}.xml.gz",
            kind="application/gzip",
        )

    def _policy(self, domain: str) -> dmarc_policy.Policy | None:
        try:
            texts = self._resolver.txt(f"_dmarc.{domain}")
        except Fault as fault:
            if fault.kind is Kind.NOT_FOUND:
                return None
            raise
        return next(filter(None, (dmarc_policy.read(domain, text) for text in texts)), None)


def _published(domain: str, policy: dmarc_policy.Policy | None) -> DmarcPolicy:
    if policy is None:
        return DmarcPolicy(domain)
    return DmarcPolicy(
        domain,
        policy.own,
        policy.below,
        policy.missing,
        "s" if policy.strict_dkim else "r",
        "s" if policy.strict_spf else "r",
        policy.testing,
    )
