"""What clients are told of our servers: complete, well-formed, the same for known and unknown people."""

import base64
import hashlib
import io
import json
import plistlib
from xml.etree import ElementTree

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs7

from odcore.errors import Fault
from odmail.transport.sts import ours, read_policy
from odsuite import certs
from odweb.discovery import autoconfig, autodiscover, mobileconfig, mta_sts, pacc, wellknown
from odweb.discovery.services import Services

SERVICES = Services("mail.odisha.example", ("odisha.example", "ocac.example"), 993, 143, 465, 587, 443)
ANSWER = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}"
ASKED = b"""<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request>
<EMailAddress>sasmita.nayak@odisha.example</EMailAddress>
<AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema>
</Request></Autodiscover>"""
OWNER = mobileconfig.Owner("sasmita.nayak@odisha.example", "Sasmita Nayak", "abcd-efgh-jkmn-pqrs-tuvw")


def ask(app, body: bytes = b"", query: str = "", host: str = "") -> tuple[str, dict, bytes]:
    told = {}

    def start(status, headers) -> None:
        told.update(status=status, headers=dict(headers))

    octets = b"".join(app({"wsgi.input": io.BytesIO(body), "QUERY_STRING": query, "HTTP_HOST": host}, start))
    return told["status"], told["headers"], octets


def protocols(octets: bytes) -> dict[str, dict[str, str]]:
    found = {}
    for each in ElementTree.fromstring(octets).iter(f"{ANSWER}Protocol"):
        leaves = {leaf.tag.removeprefix(ANSWER): leaf.text for leaf in each}
        found[leaves["Type"]] = leaves
    return found


def test_thunderbird_is_told_all_servers_with_the_address_as_login():
    """draft-ietf-mailmaint-autoconfig: mail in the provider, what is asked by HTTPS beside it."""
    status, headers, octets = ask(autoconfig.app(lambda: SERVICES))
    assert (status, headers["Content-Type"]) == ("200 OK", "text/xml; charset=utf-8")
    root = ElementTree.fromstring(octets)
    provider = root.find("emailProvider")
    assert [each.text for each in provider.iter("domain")] == ["odisha.example", "ocac.example"]
    mail = [
        (each.tag, each.get("type"), *(each.findtext(leaf) for leaf in ("hostname", "port", "socketType")))
        for each in provider
        if each.get("type")
    ]
    host = "mail.odisha.example"
    assert mail == [
        ("incomingServer", "imap", host, "993", "SSL"),
        ("incomingServer", "imap", host, "143", "STARTTLS"),
        ("outgoingServer", "smtp", host, "465", "SSL"),
        ("outgoingServer", "smtp", host, "587", "STARTTLS"),
    ]
    assert {each.findtext("authentication") for each in provider if each.get("type")} == {"password-cleartext"}
    pages = [(each.tag, each.get("type"), each.findtext("url"), each.findtext("authentication")) for each in root[1:]]
    assert pages == [
        ("addressbook", "carddav", f"https://{host}/dav/", "basic"),
        ("calendar", "caldav", f"https://{host}/dav/", "basic"),
        ("fileShare", "webdav", f"https://{host}/drive/", "basic"),
    ]
    assert {each.text for each in root.iter("username")} == {"%EMAILADDRESS%"}


def test_names_that_people_see_are_as_short_as_they_must_be():
    long = msgspec.structs.replace(SERVICES, domains=("a-very-long-department-of-the-government." * 3 + "example",))
    root = ElementTree.fromstring(autoconfig.document(long))
    assert (len(root.findtext(".//displayName")), len(root.findtext(".//displayShortName"))) == (60, 20)


def test_outlook_is_told_imap_and_smtp_with_the_address_as_login_and_without_spa():
    found = protocols(ask(autodiscover.pox(lambda: SERVICES), ASKED)[2])
    assert found["IMAP"] | {"Port": "993", "SSL": "on", "SPA": "off", "LoginName": OWNER.address} == found["IMAP"]
    assert found["SMTP"] | {"Port": "465", "Server": "mail.odisha.example", "AuthRequired": "on"} == found["SMTP"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><EMailAddress>&a;</EMailAddress>",
        b"<EMailAddress>" + b"a" * 60_000,
        b"\xff\xfe\x00<EMailAddress>\xff\xff\xff</EMailAddress>",
        b"<EMailAddress>a&lt;b@c</EMailAddress>",
    ],
)
def test_what_strangers_send_is_read_as_no_document(body):
    status, _, octets = ask(autodiscover.pox(lambda: SERVICES), body)
    assert status == "200 OK"
    assert b"root:" not in octets
    assert set(protocols(octets)) == {"IMAP", "SMTP"}


def test_version_2_points_to_the_pox_answer_and_offers_nothing_else():
    app = autodiscover.json(lambda: SERVICES)
    status, _, octets = ask(app, query="Protocol=AutodiscoverV1")
    url = "https://mail.odisha.example/autodiscover/autodiscover.xml"
    assert msgspec.json.decode(octets) == {"Protocol": "AutodiscoverV1", "Url": url}
    assert status == "200 OK"
    assert ask(app, query="Protocol=ActiveSync")[0].startswith("404")


def test_calendars_and_contacts_are_at_one_address():
    status, headers, _ = ask(wellknown.redirect("/dav/"))
    assert status.startswith("308")
    assert headers["Location"] == "/dav/"


def test_a_profile_made_again_replaces_the_one_before():
    first = plistlib.loads(mobileconfig.profile(SERVICES, OWNER, "Mail"))
    other = mobileconfig.Owner(OWNER.address, OWNER.name, "another password")
    second = plistlib.loads(mobileconfig.profile(SERVICES, other, "Mail"))
    assert [each["PayloadUUID"] for each in first["PayloadContent"]] == [
        each["PayloadUUID"] for each in second["PayloadContent"]
    ]
    assert len({each["PayloadUUID"] for each in [first, *first["PayloadContent"]]}) == 4


def test_a_profile_sets_up_mail_calendars_and_contacts_inside_tls():
    found = plistlib.loads(mobileconfig.profile(SERVICES, OWNER, "Mail"))
    mail, caldav, carddav = found["PayloadContent"]
    assert (mail["IncomingMailServerPortNumber"], mail["IncomingMailServerUseSSL"]) == (993, True)
    assert (mail["OutgoingMailServerPortNumber"], mail["OutgoingMailServerUseSSL"]) == (465, True)
    assert (mail["IncomingPassword"], mail["OutgoingPasswordSameAsIncomingPassword"]) == (OWNER.password, True)
    assert (caldav["CalDAVPrincipalURL"], carddav["CardDAVPrincipalURL"]) == ("/dav/", "/dav/")
    assert (caldav["CalDAVPassword"], carddav["CardDAVPassword"]) == (OWNER.password, OWNER.password)
    assert (caldav["CalDAVHostName"], caldav["CalDAVUseSSL"]) == ("mail.odisha.example", True)
    assert carddav["CardDAVUsername"] == OWNER.address


def test_a_profile_is_signed_with_the_servers_certificate(tmp_path):
    certs.ensure(tmp_path, ["mail.odisha.example"])
    pem, key = (tmp_path / "server.pem").read_bytes(), (tmp_path / "server.key").read_bytes()
    octets = mobileconfig.profile(SERVICES, OWNER, "Mail")
    signed = mobileconfig.sign(octets, pem, key)
    assert octets in signed
    chain = x509.load_pem_x509_certificates(pem)
    assert len(chain) == 2
    assert set(pkcs7.load_der_pkcs7_certificates(signed)) == set(chain)


def test_apps_to_come_find_all_servers_in_one_document_that_a_record_vouches_for():
    _, headers, octets = ask(pacc.app(lambda: SERVICES))
    assert headers["Content-Type"] == "application/json"
    told = json.loads(octets)
    assert told["protocols"] == {
        "imap": {"host": "mail.odisha.example"},
        "smtp": {"host": "mail.odisha.example"},
        "caldav": {"url": "https://mail.odisha.example/dav/"},
        "carddav": {"url": "https://mail.odisha.example/dav/"},
        "webdav": {"url": "https://mail.odisha.example/drive/"},
    }
    assert (told["authentication"], told["info"]["provider"]["name"]) == ({"password": True}, "odisha.example")
    digest = base64.b64encode(hashlib.sha256(octets).digest()).decode()
    assert pacc.record(SERVICES) == f"v=UAAC1; a=sha256; d={digest}"


def test_what_is_not_at_its_usual_port_is_not_told_to_them():
    moved = msgspec.structs.replace(SERVICES, imaps=10993, https=10443)
    assert set(json.loads(pacc.document(moved))["protocols"]) == {"smtp"}


def test_our_mta_sts_policy_is_one_to_those_who_send_to_us():
    policy = ours("enforce", ["MX1.odisha.example", "mx2.odisha.example"])
    app = mta_sts.app({"ocac.example": policy}.get)
    status, headers, octets = ask(app, host="MTA-STS.ocac.example:443")
    assert (status, headers["Content-Type"]) == ("200 OK", "text/plain")
    assert read_policy(octets) == policy
    assert policy.allows("mx1.odisha.example")
    assert policy.id() != ours("testing", policy.patterns).id()
    assert ours("off", policy.patterns) is None
    for stranger in ("", "mta-sts.other.example", "mail.ocac.example", "ocac.example", "mta-sts", "[::1]:443"):
        with pytest.raises(Fault, match="no policy for this name"):
            ask(app, host=stranger)
