"""Reports of others: what is in them is kept once, whatever the packing; bombs and rubbish harm nothing."""

import base64
import gzip
import io
import json
import tracemalloc
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner

from odcore import clock
from odcore.errors import Fault, Kind
from odmail.queue.verdict import Finding, Verdict
from odmail.reports import dmarc_xml, tls_json, unpack
from odmail.reports.intake import Intake, is_for_reports, read
from odmail.reports.model import DmarcReport, TlsReport
from odmail.reports.model import Kind as Sort
from odmail.reports.store import KEPT, Reports
from odsuite.cli import reports as command
from odtest.postroom import BIBHU, PostRoom

CORPUS = Path(__file__).parents[2] / "corpus" / "reports"
OLD, NEW, TLS = ((CORPUS / name).read_bytes() for name in ("dmarc-old.xml", "dmarc-9990.xml", "tls.json"))
PROVEN = Verdict((Finding("dkim", "pass"),))


def zipped(octets: bytes, name: str = "report.xml") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, octets)
    return packed.getvalue()


def mail(octets: bytes, kind: str = "application/gzip") -> bytes:
    message = EmailMessage()
    message["From"] = "Reporter <reports@big.example>"
    message["To"] = "dmarc-reports@odisha.example"
    message["Subject"] = "Report Domain: odisha.example"
    message.set_content("This is a report.\n")
    message.add_attachment(octets, *kind.split("/"), filename="report")
    return message.as_bytes().replace(b"\n", b"\r\n")


@pytest.fixture
def reports(tmp_path):
    made = Reports(tmp_path / "reports")
    yield made
    made.close()


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        (gzip.compress(OLD), "application/gzip"),
        (gzip.compress(OLD), "application/octet-stream"),
        (zipped(OLD), "application/zip"),
        (OLD, "text/xml"),
        (OLD, "application/xml"),
    ],
    ids=lambda value: value if isinstance(value, str) else "octets",
)
def test_whatever_the_packing_it_is_the_same_report(octets, kind):
    (found,) = read(mail(octets, kind))
    assert isinstance(found, DmarcReport)
    assert (found.head.organization, found.domain, found.policy.below) == (
        "Big Mailer, Inc.",
        "odisha.example",
        "reject",
    )
    assert [(row.source, row.count) for row in found.rows] == [("203.0.113.5", 120), ("2001:db8::66", 7)]
    assert [each.result for each in found.rows[0].signatures] == ["pass", "neutral"]
    assert (found.rows[1].header_from, found.rows[1].reason) == ("odisha.example", "local_policy")


def test_one_that_is_a_message_by_itself_is_read():
    message = b"From: a@big.example\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    (found,) = read(message + base64.encodebytes(gzip.compress(TLS)).replace(b"\n", b"\r\n"))
    assert isinstance(found, TlsReport)
    assert (found.policies[0].successes, found.policies[0].failures) == (5326, 303)
    assert found.policies[0].details[0].result == "certificate-expired"


def test_what_is_kept_is_shown_and_the_same_report_twice_is_one(reports):
    intake = Intake(reports)
    for octets in (OLD, NEW, OLD):
        intake.take("x", mail(gzip.compress(octets)), PROVEN)
    intake.take("x", mail(gzip.compress(TLS), "application/tlsrpt+gzip"), Verdict())
    known = reports.recent(Sort.DMARC)
    assert [(each.organization, each.count, each.failures) for each in known] == [
        ("peer.example", 30, 0),
        ("Big Mailer, Inc.", 127, 7),
    ]
    assert all(each.vouched and each.sender == "reports@big.example" for each in known)
    assert reports.show(Sort.DMARC, known[1].number)[1] == dmarc_xml.read(OLD)
    (about_tls,) = reports.recent(Sort.TLS)
    assert not about_tls.vouched
    assert reports.show(Sort.TLS, about_tls.number)[1] == tls_json.read(TLS)
    with pytest.raises(Fault) as fault:
        reports.show(Sort.TLS, known[0].number)
    assert fault.value.kind is Kind.NOT_FOUND


def test_sources_are_summed_over_reports_and_forged_mail_shows(reports):
    for octets in (OLD, NEW):
        Intake(reports).take("x", mail(gzip.compress(octets)), PROVEN)
    ours, forger = reports.sources()
    assert (ours.source, ours.count, ours.dkim, ours.spf, ours.failures, ours.reports) == (
        "203.0.113.5", 150, 120, 150, 0, 2
    )  # fmt: skip
    assert (forger.source, forger.count, forger.failures, forger.refused) == ("2001:db8::66", 7, 7, 7)
    assert reports.sources(domain="other.example") == []
    assert reports.sources(since=1_800_000_000) == []


def test_after_a_year_and_more_they_are_forgotten_with_all_their_rows(reports, monkeypatch):
    for octets in (OLD, TLS):
        Intake(reports).take("x", mail(gzip.compress(octets)), PROVEN)
    reports.forget()
    assert reports.recent(Sort.DMARC)
    monkeypatch.setattr(clock, "timestamp", lambda: 1_764_028_800 + KEPT + 86400)
    reports.forget()
    assert reports.recent(Sort.DMARC) == reports.recent(Sort.TLS) == reports.sources() == reports.obstacles() == []


@pytest.mark.parametrize("pack", [gzip.compress, zipped])
def test_a_bomb_is_refused_in_little_memory(pack):
    bomb = mail(pack(b"<feedback>" + b" " * (300 << 20)))
    tracemalloc.start()
    with pytest.raises(Fault) as fault:
        read(bomb)
    assert tracemalloc.get_traced_memory()[1] < 60 << 20
    tracemalloc.stop()
    assert fault.value.kind is Kind.TOO_BIG


BILLION = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><feedback>&b;</feedback>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><feedback>&a;</feedback>"""


@pytest.mark.parametrize(
    "octets",
    [
        gzip.compress(BILLION),
        gzip.compress(OUTSIDE),
        gzip.compress(OLD)[:-20],
        gzip.compress(OLD[:-40]),
        gzip.compress(OLD.replace(b"203.0.113.5", b"nowhere")),
        gzip.compress(OLD.replace(b"<count>120", b"<count>-1")),
        gzip.compress(OLD.replace(b"<count>120", b"<count>" + b"9" * 5000)),
        gzip.compress(OLD.replace(b"windows-1252", b"no-such-charset")),
        gzip.compress(b"<feedback></feedback>"),
        gzip.compress(TLS.replace(b'"policies"', b'"nothing"')),
        gzip.compress(TLS.replace(b"5326", b"-5")),
        gzip.compress(TLS.replace(b"2025-11-25T00", b"9999-99-99T00")),
        gzip.compress(b"[" * 100_000),
        gzip.compress(b'{"policies":' + b"[" * 100_000),
        zipped(b""),
        zipped(OLD)[:-30],
        b"PK\x03\x04" + b"\0" * 100,
    ],
    ids=lambda _: "octets",  # what is packed bears the time
)
def test_rubbish_is_told_and_harms_nothing(reports, octets):
    Intake(reports).take("x", mail(octets), PROVEN)
    assert reports.recent(Sort.DMARC) == reports.recent(Sort.TLS) == []


def test_ordinary_mail_to_the_address_is_only_mail():
    assert read(b"From: a@peer.example\r\nSubject: hello\r\n\r\n{ not a report }\r\n") == []
    assert read(mail(b"\x89PNG", "image/png")) == []


def test_texts_of_strangers_are_one_clean_line(reports):
    evil = TLS.replace(b"Company-X", rb"\u001b[31mEvil\n\u202e" + b"x" * 500)
    (found,) = read(mail(gzip.compress(evil)))
    assert len(found.head.organization) <= 255
    assert found.head.organization.isprintable()


def test_what_is_written_is_read_again():
    report = dmarc_xml.read(OLD)
    assert dmarc_xml.read(dmarc_xml.write(report)) == report
    about_tls = tls_json.read(TLS)
    assert tls_json.read(tls_json.write(about_tls)) == about_tls


def test_only_two_names_are_for_reports():
    assert is_for_reports("DMARC-Reports@odisha.example")
    assert is_for_reports("tls-reports+2026@odisha.example")
    assert not is_for_reports("dmarc-reports.x@odisha.example")


def test_a_report_is_read_on_its_way_and_delivered(tmp_path):
    room = PostRoom(tmp_path)
    room.town.aliases["dmarc-reports@odisha.example"] = (BIBHU.address,)
    room.accept(mail(gzip.compress(OLD)), "dmarc-reports@odisha.example")
    room.accept(mail(gzip.compress(NEW)), BIBHU.address)
    room.work()
    assert len(room.messages(BIBHU)) == 2
    assert [each.organization for each in room.reports.recent(Sort.DMARC)] == ["Big Mailer, Inc."]
    room.close()


class Desk:
    """As much of `odsuite.cli.context.Context` as the command uses."""

    def __init__(self, reports: Reports) -> None:
        self.reports = reports


def test_the_command_line_lists_shows_and_sums(reports, monkeypatch):
    monkeypatch.setattr(clock, "timestamp", lambda: 1_764_115_200)
    for octets in (OLD, TLS):
        Intake(reports).take("x", mail(gzip.compress(octets)), PROVEN)

    def run(*words: str) -> str:
        result = CliRunner().invoke(command.command, words, obj=Desk(reports))
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    assert "Big Mailer, Inc." in run("dmarc", "list")
    assert json.loads(run("dmarc", "list", "--days", "1", "--domain", "x.example", "--json")) == []
    (number,) = [each["number"] for each in json.loads(run("dmarc", "list", "--json"))]
    assert "2001:db8::66" in run("dmarc", "show", str(number))
    assert json.loads(run("dmarc", "sources", "--json"))[0]["count"] == 120
    assert "starttls-not-supported" in run("tls", "failures")
    assert "5326 sessions with TLS" in run("tls", "show", str(reports.recent(Sort.TLS)[0].number))


def test_a_document_larger_than_we_read_is_no_report():
    with pytest.raises(Fault):
        dmarc_xml.read(b"<feedback>" + b" " * unpack.LARGEST)
