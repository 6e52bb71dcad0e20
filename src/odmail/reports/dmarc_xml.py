"""A DMARC aggregate report as XML: read leniently within bounds, written as the standard asks.  RFC 9990, RFC 7489 C

Nothing in it is believed: DTDs and entities are refused, texts are cut and cleaned, numbers have bounds.
"""

import io
import ipaddress
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from odcore.errors import Fault, Kind
from odmail.reports.cleaning import instant, number, text, word
from odmail.reports.model import DmarcPolicy, DmarcReport, DmarcRow, Head, Signed
from odmail.reports.unpack import LARGEST

_MOST_ROWS = 100_000
_MOST_SIGNATURES = 10
_SPACE = "urn:ietf:params:xml:ns:dmarc-2.0"


def is_one(octets: bytes) -> bool:
    """Does it look like it?"""
    return b"<feedback" in octets[:2048]


def read(octets: bytes) -> DmarcReport:
    """Fault BAD_REQUEST for what is none, TOO_BIG for too many rows."""
    if len(octets) > LARGEST:
        raise Fault(Kind.TOO_BIG, "The report is too large.")
    head: Head | None = None
    policy: DmarcPolicy | None = None
    rows: list[DmarcRow] = []
    try:
        for element in _elements(octets):
            if element.tag == "report_metadata":
                head = _head(element)
            elif element.tag == "policy_published":
                policy = _policy(element)
            elif element.tag == "record":
                rows.append(_row(element))
                element.clear()
            if len(rows) > _MOST_ROWS:
                raise Fault(Kind.TOO_BIG, "The report has too many rows.")
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Fault(Kind.BAD_REQUEST, f"This is no DMARC report: {error}.") from None
    if head is None or policy is None or not policy.domain:
        raise Fault(Kind.BAD_REQUEST, "This is no DMARC report: it does not say whose, or about whom.")
    return DmarcReport(head, policy, tuple(rows))


def write(report: DmarcReport) -> bytes:
    """With the names of RFC 9990."""
    root = Element("feedback", xmlns=_SPACE)
    _leaf(root, "version", "1.0")
    head = SubElement(root, "report_metadata")
    _leaf(head, "org_name", report.head.organization)
    _leaf(head, "email", report.head.contact)
    _leaf(head, "report_id", report.head.id)
    span = SubElement(head, "date_range")
    _leaf(span, "begin", str(report.head.begin))
    _leaf(span, "end", str(report.head.end))
    policy = SubElement(root, "policy_published")
    for name, value in _published(report.policy):
        _leaf(policy, name, value)
    for row in report.rows:
        _record(root, row)
    octets: bytes = tostring(root, "utf-8", xml_declaration=True)
    return octets


def _elements(octets: bytes) -> Iterator[Element]:
    """Each when it ends, without its namespace."""
    for _, element in iterparse(io.BytesIO(octets), events=("end",), forbid_dtd=True):
        element.tag = element.tag.rpartition("}")[2]
        yield element


def _head(element: Element) -> Head:
    return Head(
        organization=text(element.findtext("org_name")),
        contact=text(element.findtext("email")),
        id=text(element.findtext("report_id")),
        begin=instant(element.findtext("date_range/begin")),
        end=instant(element.findtext("date_range/end")),
    )


def _policy(element: Element) -> DmarcPolicy:
    return DmarcPolicy(
        domain=word(element.findtext("domain")),
        own=word(element.findtext("p")) or "none",
        below=word(element.findtext("sp")),
        missing=word(element.findtext("np")),
        adkim=word(element.findtext("adkim")) or "r",
        aspf=word(element.findtext("aspf")) or "r",
        testing=word(element.findtext("testing")) == "y",
    )


def _row(element: Element) -> DmarcRow:
    evaluated = "row/policy_evaluated/"
    spf = element.find("auth_results/spf")
    reasons = (text(each.findtext("type")) for each in element.findall(evaluated + "reason")[:5])
    return DmarcRow(
        source=str(ipaddress.ip_address((element.findtext("row/source_ip") or "").strip())),
        count=number(element.findtext("row/count")),
        disposition=word(element.findtext(evaluated + "disposition")) or "none",
        dkim=word(element.findtext(evaluated + "dkim")) or "fail",
        spf=word(element.findtext(evaluated + "spf")) or "fail",
        header_from=word(element.findtext("identifiers/header_from")),
        envelope_from=word(element.findtext("identifiers/envelope_from")),
        signatures=tuple(map(_signature, element.findall("auth_results/dkim")[:_MOST_SIGNATURES])),
        spf_domain=word(spf.findtext("domain")) if spf is not None else "",
        spf_result=word(spf.findtext("result")) if spf is not None else "",
        spf_scope=(word(spf.findtext("scope")) if spf is not None else "") or "mfrom",
        reason=" ".join(filter(None, reasons)),
    )


def _signature(element: Element) -> Signed:
    return Signed(
        word(element.findtext("domain")), word(element.findtext("selector")), word(element.findtext("result"))
    )


def _published(policy: DmarcPolicy) -> Iterator[tuple[str, str]]:
    yield "domain", policy.domain
    yield "p", policy.own
    yield "sp", policy.below or policy.own
    if policy.missing:
        yield "np", policy.missing
    yield "adkim", policy.adkim
    yield "aspf", policy.aspf
    yield "testing", "y" if policy.testing else "n"
    yield "discovery_method", "treewalk"


def _record(root: Element, row: DmarcRow) -> None:
    record = SubElement(root, "record")
    counted = SubElement(record, "row")
    _leaf(counted, "source_ip", row.source)
    _leaf(counted, "count", str(row.count))
    evaluated = SubElement(counted, "policy_evaluated")
    _leaf(evaluated, "disposition", row.disposition)
    _leaf(evaluated, "dkim", row.dkim)
    _leaf(evaluated, "spf", row.spf)
    if row.reason:
        _leaf(SubElement(evaluated, "reason"), "type", row.reason)
    names = SubElement(record, "identifiers")
    _leaf(names, "header_from", row.header_from)
    if row.envelope_from:
        _leaf(names, "envelope_from", row.envelope_from)
    results = SubElement(record, "auth_results")
    for each in row.signatures:
        signature = SubElement(results, "dkim")
        _leaf(signature, "domain", each.domain)
        _leaf(signature, "selector", each.selector)
        _leaf(signature, "result", each.result)
    if row.spf_domain:
        spf = SubElement(results, "spf")
        _leaf(spf, "domain", row.spf_domain)
        _leaf(spf, "scope", row.spf_scope)
        _leaf(spf, "result", row.spf_result)


def _leaf(parent: Element, tag: str, value: str) -> None:
    SubElement(parent, tag).text = text(value)
