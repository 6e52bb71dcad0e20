"""A TLS report as JSON: read within bounds, written as the standard asks.  RFC 8460 4"""

from datetime import UTC, datetime
from typing import Annotated

import msgspec

from odcore.errors import Fault, Kind
from odmail.reports.cleaning import number, text, word
from odmail.reports.model import Head, TlsFailure, TlsPolicy, TlsReport
from odmail.reports.unpack import LARGEST

_MOST_POLICIES = 1_000
_MOST_FAILURES = 10_000


class _Range(msgspec.Struct, rename="kebab"):
    start_datetime: datetime
    end_datetime: datetime


class _Policy(msgspec.Struct, rename="kebab", omit_defaults=True):
    policy_domain: str
    policy_type: str = "no-policy-found"
    policy_string: list[str] | str | None = None
    mx_host: list[str] | str | None = None


class _Summary(msgspec.Struct, rename="kebab"):
    total_successful_session_count: int = 0
    total_failure_session_count: int = 0


class _Failure(msgspec.Struct, rename="kebab", omit_defaults=True):
    result_type: str = ""
    failed_session_count: int = 0
    sending_mta_ip: str | None = None
    receiving_mx_hostname: str | None = None
    receiving_ip: str | None = None
    failure_reason_code: str | None = None


class _Entry(msgspec.Struct, rename="kebab", omit_defaults=True):
    policy: _Policy
    summary: _Summary = msgspec.field(default_factory=_Summary)
    failure_details: list[_Failure] = []


class _Report(msgspec.Struct, rename="kebab"):
    organization_name: str
    date_range: _Range
    contact_info: str
    report_id: Annotated[str, msgspec.Meta(min_length=1)]
    policies: list[_Entry]


def is_one(octets: bytes) -> bool:
    """Does it look like it?"""
    return octets[:200].lstrip().startswith(b"{")


def read(octets: bytes) -> TlsReport:
    """Fault BAD_REQUEST for what is none, TOO_BIG for too many rows."""
    if len(octets) > LARGEST:
        raise Fault(Kind.TOO_BIG, "The report is too large.")
    try:
        found = msgspec.json.decode(octets, type=_Report)
        head = Head(
            text(found.organization_name),
            text(found.contact_info),
            text(found.report_id),
            number(int(found.date_range.start_datetime.timestamp())),
            number(int(found.date_range.end_datetime.timestamp())),
        )
        if len(found.policies) > _MOST_POLICIES or sum(len(each.failure_details) for each in found.policies) > (
            _MOST_FAILURES
        ):
            raise Fault(Kind.TOO_BIG, "The report has too many rows.")
        policies = tuple(map(_policy, found.policies))
    except (msgspec.DecodeError, ValueError, OverflowError, RecursionError) as error:
        raise Fault(Kind.BAD_REQUEST, f"This is no TLS report: {text(str(error))}.") from None
    if not policies:
        raise Fault(Kind.BAD_REQUEST, "This is no TLS report: it is about nobody.")
    return TlsReport(head, policies)


def write(report: TlsReport) -> bytes:
    """With the names of RFC 8460 4.4."""
    head = report.head
    entries = [
        _Entry(
            _Policy(each.domain, each.type, list(each.texts) or None),
            _Summary(each.successes, each.failures),
            [
                _Failure(
                    failure.result,
                    failure.count,
                    failure.sending or None,
                    failure.host or None,
                    failure.receiving or None,
                    failure.reason or None,
                )
                for failure in each.details
            ],
        )
        for each in report.policies
    ]
    span = _Range(datetime.fromtimestamp(head.begin, UTC), datetime.fromtimestamp(head.end, UTC))
    return msgspec.json.encode(_Report(head.organization, span, head.contact, head.id, entries))


def _policy(entry: _Entry) -> TlsPolicy:
    strings = entry.policy.policy_string
    return TlsPolicy(
        type=word(entry.policy.policy_type),
        domain=word(entry.policy.policy_domain),
        texts=tuple(map(text, [strings] if isinstance(strings, str) else strings or ()))[:20],
        successes=number(entry.summary.total_successful_session_count),
        failures=number(entry.summary.total_failure_session_count),
        details=tuple(map(_failure, entry.failure_details)),
    )


def _failure(found: _Failure) -> TlsFailure:
    return TlsFailure(
        result=word(found.result_type),
        host=word(found.receiving_mx_hostname),
        receiving=word(found.receiving_ip),
        sending=word(found.sending_mta_ip),
        reason=text(found.failure_reason_code),
        count=number(found.failed_session_count),
    )
