"""`odmail doctor --dns`: what is right is said to be, what is wrong is found, with the record that mends it."""

import hashlib
import re

import dns.rdata
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from odcore.errors import Fault, Kind
from odcore.net.dns import Dns
from odcore.net.tls import KeyPair
from odmail.transport.sts import Mode, Policy
from odmail.trust.dkim_keys import Keys, Rotation
from odsuite import certs
from odsuite.published.check import Case
from odsuite.published.checks import clock
from odsuite.published.survey import examine, load
from odtest.dns_server import DnsServer

DOMAIN, HOST = "odisha.example", "mail.odisha.example"
OURS = Policy(Mode.ENFORCE, 1209600, (HOST,))
POLICY = "\n".join(OURS.lines()).encode()
PAGES = ("autoconfig", "autodiscover", "mta-sts", "ua-auto-config")
PORTS = {"imaps": 993, "submissions": 465, "managesieve": 4190, "https": 443, "pop3s": 0}


@pytest.fixture
def server():
    made = DnsServer({})
    made.start()
    yield made
    made.close()


@pytest.fixture
def case(tmp_path, server):
    names = [HOST, *(f"{name}.{DOMAIN}" for name in PAGES)]
    certs.ensure(tmp_path / "tls", names)
    keys = Keys(tmp_path / "dkim")
    keys.generate(DOMAIN, "s")
    made = Case(
        domain=DOMAIN,
        host=HOST,
        source=Dns((server.address,), trusted=True),
        keys=keys,
        fetch=lambda domain: POLICY,
        certificates=(KeyPair(tmp_path / "tls" / "server.pem", tmp_path / "tls" / "server.key"),),
        ports=PORTS,
        policy=OURS,
        names=(HOST, f"mta-sts.{DOMAIN}"),
        vouched="v=UAAC1; a=sha256; d=MOA19C2fw1LnfpriQEArPk+FRkxoE7UVaunADBmu7G8=",
    )
    server.validated = True
    server.records = good(made)
    return made


def good(case: Case) -> dict:
    records = {
        (f"{HOST}.", "A"): ["203.0.113.5"],
        ("5.113.0.203.in-addr.arpa.", "PTR"): [f"{HOST}."],
        (f"{DOMAIN}.", "MX"): [f"10 {HOST}."],
        (f"{DOMAIN}.", "TXT"): ['"v=spf1 mx -all"'],
        (f"_dmarc.{DOMAIN}.", "TXT"): [f'"v=DMARC1; p=reject; rua=mailto:postmaster@{DOMAIN}"'],
        (f"_mta-sts.{DOMAIN}.", "TXT"): [f'"v=STSv1; id={OURS.id()}"'],
        (f"_smtp._tls.{DOMAIN}.", "TXT"): [f'"v=TLSRPTv1; rua=mailto:postmaster@{DOMAIN}"'],
        (f"_25._tcp.{HOST}.", "TLSA"): [f"3 1 1 {fingerprint(case)}"],
        **{(f"_{name}._tcp.{DOMAIN}.", "SRV"): [f"0 1 {port} {HOST}."] for name, port in srv()},
        **{(f"_{name}._tcp.{DOMAIN}.", "TXT"): ['"path=/dav/"'] for name in ("caldavs", "carddavs")},
        **{(f"{name}.{DOMAIN}.", "A"): ["203.0.113.5"] for name in PAGES},
        (f"_ua-auto-config.{DOMAIN}.", "TXT"): [f'"{case.vouched}"'],
    }
    for key in case.keys.of(DOMAIN):
        records[f"{key.record_name}.", "TXT"] = [line(key.zone_line)]
    return records


def srv():
    return [("imaps", 993), ("submissions", 465), ("sieve", 4190), ("caldavs", 443), ("carddavs", 443)]


def line(zone_line: str) -> str:
    return re.search(r"\( (.*) \)", zone_line)[1]


def fingerprint(case: Case) -> str:
    (leaf, *_) = x509.load_pem_x509_certificates(case.certificates[0].certificate.read_bytes())
    return hashlib.sha256(leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def survey(case: Case, server: DnsServer) -> dict[str, list]:
    """Verdicts by area, of the domain and of the server, with nothing remembered."""
    found: dict[str, list] = {}
    for domain in (DOMAIN, ""):
        source = Dns((server.address,), seconds=10.0, trusted=True)
        parts = {name: getattr(case, name) for name in case.__struct_fields__}
        for area, verdict in examine(Case(**{**parts, "domain": domain, "source": source})):
            found.setdefault(area, []).append(verdict)
    return found


def test_where_all_is_published_nothing_is_amiss_but_a_private_authority(case, server, monkeypatch):
    monkeypatch.setattr(clock, "is_kept", lambda: True)
    found = survey(case, server)
    assert set(found) == {check.area for check in load()}
    assert [v.text for each in found.values() for v in each if not v.well] == []
    warned = [(area, v.text) for area, each in found.items() for v in each if v.warning]
    assert [area for area, _ in warned] == ["certificate"]
    assert "authority" in warned[0][1]


@pytest.mark.parametrize("kept", [True, False])
def test_a_clock_that_nobody_keeps_is_told(case, monkeypatch, kept):
    monkeypatch.setattr(clock, "is_kept", lambda: kept)
    [told] = clock.CHECK.look(case)
    assert (told.well, told.warning) == (True, not kept)


def test_an_empty_zone_is_told_record_by_record_and_those_records_mend_it(case, server, monkeypatch):
    monkeypatch.setattr(clock, "is_kept", lambda: True)
    server.records = {(f"{HOST}.", "A"): ["203.0.113.5"]}
    found = survey(case, server)
    wrong = {area for area, each in found.items() if not all(v.well for v in each)}
    assert wrong == {"mx", "spf", "dkim", "dmarc", "reverse"}
    for record in (each for verdicts in found.values() for v in verdicts for each in v.records):
        name, kind, text = re.fullmatch(r"(\S+\.?) IN (\S+) (.*)", record).groups()
        name = name if name.endswith(".") else f"{name}."
        if kind == "CNAME":
            kind, text = "A", "203.0.113.5"
        server.records.setdefault((name, kind), []).append(text.strip("() "))
        assert dns.rdata.from_text("IN", kind, text)
    found = survey(case, server)
    assert [(area, v.text) for area, each in found.items() for v in each if not v.well] == []


@pytest.mark.parametrize(
    ("change", "area", "text", "well"),
    [
        ({(DOMAIN, "MX"): ["0 ."]}, "mx", "takes no mail", False),
        ({(DOMAIN, "MX"): ["10 gone.odisha.example."]}, "mx", "has no address", False),
        ({(HOST, "CNAME"): ["other.example."]}, "mx", "alias (CNAME) of other.example", False),
        ({(f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=reject; rua=mailto:r@x.example"']}, "dmarc", "no reports", True),
        ({(f"_mta-sts.{DOMAIN}", "TXT"): ['"v=STSv1; id=6"']}, "mta-sts", "senders do not know", True),
        ({(DOMAIN, "MX"): ["10 autoconfig.odisha.example."]}, "mx", "and not to mail", True),
        ({(DOMAIN, "TXT"): ['"v=spf1 +all"']}, "spf", "everybody", False),
        ({(DOMAIN, "TXT"): ['"v=spf1 mx ~all"']}, "spf", "strangers get softfail", True),
        ({(DOMAIN, "TXT"): ['"v=spf1 ip4:198.51.100.1 -all"']}, "spf", "gets fail", False),
        ({(DOMAIN, "TXT"): ['"v=spf1 mx -all"', '"v=spf1 a -all"']}, "spf", "permerror", False),
        ({(f"sr._domainkey.{DOMAIN}", "TXT"): ['"v=DKIM1; p="']}, "dkim", "revoked", False),
        ({(f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=nonsense"']}, "dmarc", "cannot be understood", False),
        ({(f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=none"']}, "dmarc", "let through", True),
        ({(f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=reject"']}, "dmarc", "nobody gets reports", True),
        ({(f"_mta-sts.{DOMAIN}", "TXT"): ['"v=STSv1; id=!"']}, "mta-sts", "cannot be understood", False),
        ({(f"_smtp._tls.{DOMAIN}", "TXT"): ['"v=TLSRPTv1; rua=ftp://x"']}, "tls-rpt", "cannot be sent", False),
        ({(f"_25._tcp.{HOST}", "TLSA"): ["3 1 1 " + "00" * 32]}, "tlsa", "none of those", False),
        ({("5.113.0.203.in-addr.arpa", "PTR"): ["x.example."]}, "reverse", "no name that leads back", False),
        ({("5.113.0.203.in-addr.arpa", "PTR"): [f"autoconfig.{DOMAIN}."]}, "reverse", "calls itself", True),
        ({(f"_imaps._tcp.{DOMAIN}", "SRV"): ["0 1 143 mail.odisha.example."]}, "services", "_imaps._tcp", True),
        ({(f"autoconfig.{DOMAIN}", "A"): ["203.0.113.9"]}, "services", "autoconfig.odisha.example does not lead", True),
        ({(f"autodiscover.{DOMAIN}", "A"): ["203.0.113.9"]}, "services", "autodiscover.odisha.example does not", True),
    ],
)
def test_each_mistake_is_found(case, server, change, area, text, well):
    server.records |= {(f"{name}.", kind): values for (name, kind), values in change.items()}
    verdicts = [v for v in survey(case, server)[area] if text in v.text]
    assert verdicts, survey(case, server)[area]
    assert (verdicts[0].well, verdicts[0].warning) == (well, well)


@pytest.mark.parametrize(
    ("policy", "text", "well"),
    [
        (POLICY.replace(b"mail.", b"mx1."), "does not name mail.odisha.example", False),
        (POLICY.replace(b"mail.", b"mx1.").replace(b"enforce", b"testing"), "does not name", True),
        (POLICY.replace(b"enforce", b"testing"), "mode: testing", True),
        (POLICY.replace(b"1209600", b"86400"), "does the name lead here?", True),
        (b"<html>", "cannot be had", False),
        (Fault(Kind.TRY_LATER, "certificate verify failed"), "certificate verify failed", False),
    ],
)
def test_the_mta_sts_policy_is_fetched_and_held_against_the_mx_records(case, server, policy, text, well):
    def fetch(domain):
        assert domain == DOMAIN
        if isinstance(policy, Fault):
            raise policy
        return policy

    parts = {name: getattr(case, name) for name in case.__struct_fields__}
    verdicts = survey(Case(**{**parts, "fetch": fetch}), server)["mta-sts"]
    (verdict,) = (each for each in verdicts if text in each.text)
    assert text in verdict.text
    assert (verdict.well, verdict.warning) == (well, well)


def test_a_rotation_under_way_is_told_and_a_retired_record_must_stay(case, server):
    case.keys.note(DOMAIN, Rotation(waiting=("sr",), retired={"se": 2_000_000_000}))
    server.records[f"se._domainkey.{DOMAIN}.", "TXT"] = []
    texts = " ".join(v.text for v in survey(case, server)["dkim"])
    assert "sr waits, and may sign now" in texts
    assert "se is retired" in texts
    assert "not signed" in texts


def test_a_silent_dns_is_no_clean_bill(case, server):
    server.silent = True
    parts = {name: getattr(case, name) for name in case.__struct_fields__}
    source = Dns((server.address,), seconds=0.05, trusted=True)
    found = list(examine(Case(**{**parts, "source": source})))
    assert found
    assert not any(verdict.well for area, verdict in found)


def test_a_certificate_for_another_name_or_that_ended_is_bad(case, server, tmp_path):
    certs.ensure(tmp_path / "other", ["other.example"])
    pair = KeyPair(tmp_path / "other" / "server.pem", tmp_path / "other" / "server.key")
    parts = {name: getattr(case, name) for name in case.__struct_fields__}
    found = survey(Case(**{**parts, "certificates": (pair,)}), server)
    assert any("no certificate is for mail.odisha.example" in v.text and not v.well for v in found["certificate"])
    assert any("no certificate of ours" in v.text for v in found["services"])
    assert any("They are: mail.odisha.example, mta-sts.odisha.example" in v.text for v in found["certificate"])
    assert [v.well for v in found["tlsa"]] == [False]


@pytest.mark.parametrize(("relay", "term"), [("203.0.113.77", "ip4:203.0.113.77"), ("out.example", "a:out.example")])
def test_a_relay_is_who_sends_whether_named_or_numbered(case, server, relay, term):
    server.records["out.example.", "A"] = ["203.0.113.77"]
    parts = {name: getattr(case, name) for name in case.__struct_fields__}
    refused = [v for v in survey(Case(**{**parts, "relay": relay}), server)["spf"] if not v.well]
    assert [v.records for v in refused] == [(f'odisha.example. IN TXT "v=spf1 mx {term} -all"',)]
    server.records["odisha.example.", "TXT"] = [f'"v=spf1 mx {term} -all"']
    assert all(v.well for v in survey(Case(**{**parts, "relay": relay}), server)["spf"])
