"""HTTPS as the installed suite serves it: both versions of HTTP, a killed worker, a new certificate."""

import contextlib
import http.client
import socket
import ssl
import subprocess
from xml.etree import ElementTree

import pytest

from odmail.transport.fetch import Https
from odmail.transport.sts import Mode, read_policy
from odsuite import certs
from odtest.daemon import Daemon, running, until

AUTOCONFIG = "/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=sasmita.nayak@odisha.example"


END = "-----END CERTIFICATE-----\n"


def ask(house: Daemon, method: str, path: str, body: bytes | None = None, **headers: str) -> http.client.HTTPResponse:
    """One request on a connection of its own; its answer, read."""
    connection = http.client.HTTPSConnection("localhost", house.ports["https"], context=house.tls(), timeout=20)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    answer.octets = answer.read()
    connection.close()
    return answer


def curl(house: Daemon, path: str, *options: str) -> str:
    """What it printed, and at the end the version and status of the answer."""
    url = f"https://localhost:{house.ports['https']}{path}"
    given = ["curl", "-sS", "--cacert", str(house.authority), "-w", "%{http_version} %{http_code}", *options]
    return subprocess.run([*given, url], capture_output=True, text=True, timeout=30, check=True).stdout


@pytest.mark.parametrize("path", [AUTOCONFIG, "/mail/config-v1.1.xml"])
def test_thunderbird_finds_servers_and_ports_with_the_address_alone(house, path):
    answer = ask(house, "GET", path)
    assert answer.status == 200
    provider = ElementTree.fromstring(answer.octets).find("emailProvider")
    assert "odisha.example" in [each.text for each in provider.findall("domain")]
    servers = {
        (each.get("type"), each.findtext("socketType")): int(each.findtext("port"))
        for each in provider
        if each.tag.endswith("Server")
    }
    assert servers == {
        ("imap", "SSL"): house.ports["imaps"],
        ("imap", "STARTTLS"): house.ports["imap"],
        ("smtp", "SSL"): house.ports["submissions"],
        ("smtp", "STARTTLS"): house.ports["submission"],
    }


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_curl_is_answered_in_both_versions_of_http(house, version):
    said = curl(house, "/mail/config-v1.1.xml", version)
    assert said.endswith("1.1 200" if version == "--http1.1" else "2 200")
    assert "<clientConfig" in said


def test_what_is_not_there_is_404_and_a_body_for_it_is_never_read(house, tmp_path):
    assert ask(house, "GET", "/nothing").status == 404
    assert ask(house, "PUT", "/nothing", b"x" * 400).status == 404
    large = tmp_path / "large"
    large.write_bytes(b"x" * 8_000_000)
    assert curl(house, "/nothing", "--http1.1", "-T", str(large), "-H", "Expect:").endswith("1.1 404")
    assert ask(house, "PUT", "/nothing", large.read_bytes()).status == 404  # sends all of it before it reads
    taken = [line["octets_in"] for line in house.log_lines() if line["event"] == "http" and line["path"] == "/nothing"]
    assert set(taken) == {0}


def test_a_header_without_end_is_refused(house):
    with contextlib.suppress(ssl.SSLEOFError, ConnectionError):  # refused and closed before all of it was sent
        assert ask(house, "GET", "/nothing", X_Long="a" * 200_000).status in (400, 431)
    assert ask(house, "GET", "/nothing").status == 404


def test_old_tls_is_refused(house):
    old = house.tls()
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    connection = http.client.HTTPSConnection("localhost", house.ports["https"], context=old, timeout=20)
    with pytest.raises(ssl.SSLError):
        connection.request("GET", "/")


@pytest.mark.breaks
def test_a_killed_worker_comes_back_and_a_new_certificate_is_served_without_a_restart():
    with running(("directory", "web")) as house:
        house.kill("web-1")
        assert ask(house, "GET", "/mail/config-v1.1.xml").status == 200
        certs.issue(house.folder / "tls", ["localhost", "127.0.0.1", "mail.odisha.example"])
        wanted = ssl.PEM_cert_to_DER_cert(
            (house.folder / "tls" / "server.pem").read_text().partition("-----END")[0] + END
        )

        def served() -> bytes:
            try:
                with house.tls().wrap_socket(
                    socket.create_connection(("localhost", house.ports["https"])), server_hostname="localhost"
                ) as connection:
                    return connection.getpeercert(binary_form=True)
            except OSError:  # a handshake in the moment of the change; clients come again
                return b""

        until(lambda: served() == wanted, "the new certificate is served")


def test_outlook_classic_finds_imap_and_smtp(house):
    body = b"<Request><EMailAddress>sasmita.nayak@odisha.example</EMailAddress></Request>"
    answer = ask(house, "POST", "/autodiscover/autodiscover.xml", body, Content_Type="text/xml")
    assert answer.status == 200
    assert f"<Port>{house.ports['imaps']}</Port>".encode() in answer.octets
    assert f"<Port>{house.ports['submissions']}</Port>".encode() in answer.octets


@pytest.mark.parametrize("domain", ["odisha.example", "ocac.example"])
def test_who_sends_to_a_domain_of_ours_finds_its_policy_behind_a_certificate_of_that_name(house, domain):
    """As our own sender asks others for theirs: RFC 8461 3.3."""
    policy = read_policy(Https(lambda host: ("127.0.0.1",), house.tls(), house.ports["https"])(domain))
    assert (policy.mode, policy.patterns) == (Mode.TESTING, ("mail.odisha.example",))


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_a_domain_that_is_not_ours_has_no_policy_here(house, version):
    for name, status in (("mta-sts.ocac.example", "200"), ("mta-sts.elsewhere.example", "404"), ("localhost", "404")):
        said = curl(house, "/.well-known/mta-sts.txt", version, "-H", f"Host: {name}")
        assert said.endswith(status), (name, said)


@pytest.mark.parametrize("path", ["/.well-known/caldav", "/.well-known/carddav"])
def test_calendar_apps_are_shown_the_way_with_any_method_and_before_signing_in(house, path):
    answer = ask(house, "PROPFIND", path, b"<x/>")
    assert (answer.status, answer.headers["Location"]) == (308, "/dav/")
