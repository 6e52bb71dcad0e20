"""How TLS with a domain's servers went, for its owner.  RFC 8460 3, 4, 5"""

from collections.abc import Sequence

import msgspec

from odcore import ids
from odcore.errors import Fault, Kind
from odcore.net.dns import Resolver
from odmail.reports import tls_json
from odmail.reports.addresses import Wanted, read
from odmail.reports.letter import Letter
from odmail.reports.model import Head, TlsFailure, TlsPolicy, TlsReport, TlsSession
from odmail.reports.model import Kind as Sort
from odmail.reports.tally import DAY
from odmail.trust import tags


class TlsAuthor:
    """See `outbound.Author`."""

    kind = Sort.TLS

    def __init__(self, host: str, resolver: Resolver) -> None:
        self._host = host
        self._resolver = resolver

    def wanted(self, domain: str) -> list[Wanted]:
        """As the record says; several records are as none (RFC 8460 3)."""
        try:
            texts = self._resolver.txt(f"_smtp._tls.{domain}")
        except Fault as fault:
            if fault.kind is Kind.NOT_FOUND:
                return []
            raise
        found = [text for text in texts if text.startswith(b"v=TLSRPTv1")]
        try:
            return read(tags.parse(found[0]).get("rua", "")) if len(found) == 1 else []
        except tags.BadTags:
            return []

    def write(self, day: int, domain: str, seen: Sequence[tuple[str, int]]) -> Letter:
        """One entry for each policy that held on that day."""
        begin, end, name = day * DAY, (day + 1) * DAY - 1, ids.uuid7()
        head = Head(self._host, f"postmaster@{self._host}", name, begin, end)
        sessions = [(msgspec.json.decode(what, type=TlsSession), count) for what, count in seen]
        return Letter(
            subject=f"Report Domain: {domain} Submitter: {self._host} Report-ID: <{name}@{self._host}>",
            text=f"This is a TLS report on the servers of {domain} by {self._host}.",
            document=tls_json.write(TlsReport(head, _policies(domain, sessions))),
            name=f"{self._host}!{domain}!{begin}!{end}!{name}.json.gz",
            kind="application/tlsrpt+gzip",
            subtype="report",
            parameters="; report-type=tlsrpt",
            fields=(
                ("TLS-Report-Domain", domain),
                ("TLS-Report-Submitter", self._host),
                ("TLS-Required", "No"),  # RFC 8689 3: what tells of broken TLS must not depend on it
            ),
        )


def _policies(domain: str, sessions: Sequence[tuple[TlsSession, int]]) -> tuple[TlsPolicy, ...]:
    found: dict[tuple[str, tuple[str, ...]], list[tuple[TlsSession, int]]] = {}
    for session, count in sessions:
        found.setdefault((session.type, session.texts), []).append((session, count))
    return tuple(
        TlsPolicy(
            kind,
            domain,
            texts,
            sum(count for session, count in each if not session.problem),
            sum(count for session, count in each if session.problem),
            tuple(_failure(session, count) for session, count in each if session.problem),
        )
        for (kind, texts), each in found.items()
    )


def _failure(session: TlsSession, count: int) -> TlsFailure:
    return TlsFailure(session.problem, session.host, session.receiving, reason=session.reason, count=count)
