"""Signing in by SCRAM, token and client certificate, with clients nobody here wrote: gsasl, curl, openssl."""

import base64
import imaplib
import os
import smtplib
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from odtest.client_certs import Authority
from odtest.daemon import PATIENCE, Daemon, running, until

SASMITA = "sasmita.nayak@odisha.example"
BIBHUTI = "bibhuti.das@odisha.example"
COLLECTOR = "collector.khordha@odisha.example"
AUTHORITY = "tls/people.pem"


@pytest.fixture(scope="module")
def strict() -> Iterator[Daemon]:
    """A department where apps sign in with device passwords only, and with the certificates of an authority."""
    with running(
        prepare=lambda daemon: Authority(daemon.folder / AUTHORITY),
        **{"identity.directory_password": False, "tls.client_ca": AUTHORITY},
    ) as daemon:
        yield daemon


def secret_of(written: str) -> str:
    """What a command printed last."""
    return written.split()[-1]


def device_password(daemon: Daemon, person: str, *more: str) -> str:
    return secret_of(daemon.odmail("device-password", "add", person, *more))


def run(*argv: str, text: str = "") -> str:
    """Both outputs; the program must end well."""
    done = subprocess.run(argv, input=text, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def gsasl(daemon: Daemon, service: str, mechanism: str, login: str, password: str) -> str:
    """It does not go without channel binding unless it is told to."""
    binding = () if mechanism.endswith("-PLUS") else ("--no-cb",)
    return run(
        *("gsasl", "--client", f"--{'imap' if service == 'imap' else 'smtp'}", "--mechanism", mechanism),
        *("--connect", f"localhost:{daemon.ports[service]}", "--x509-ca-file", str(daemon.authority)),
        *("--authentication-id", login, "--password", password, *binding),
    )


@pytest.mark.parametrize("service", ["imap", "submission"])
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "PLAIN", "LOGIN"])
def test_gsasl_signs_in_with_a_device_password(strict: Daemon, service: str, mechanism: str):
    """SCRAM-SHA-256-PLUS is bound to the TLS 1.3 connection by tls-exporter."""
    password = device_password(strict, SASMITA)
    said = gsasl(strict, service, mechanism, SASMITA, password)
    assert "OK [CAPABILITY" in said if service == "imap" else "235 2.7.0" in said


def test_gsasl_signs_in_to_a_post(strict: Daemon):
    """With the holder's device password for it."""
    password = device_password(strict, SASMITA, "--post", "collector.khordha")
    assert "OK [CAPABILITY" in gsasl(strict, "imap", "SCRAM-SHA-256-PLUS", COLLECTOR, password)


def test_a_directory_password_is_for_the_web_only(strict: Daemon):
    """The same refusal as for any wrong one."""
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        strict.imap(SASMITA)
    with pytest.raises(smtplib.SMTPAuthenticationError):
        strict.submission(BIBHUTI)


@pytest.mark.parametrize("mechanism", ["oauth", "xoauth"])
def test_curl_reads_and_sends_with_a_token(strict: Daemon, tmp_path: Path, mechanism: str):
    """OAUTHBEARER and XOAUTH2 by curl; a revoked token no more."""
    token = secret_of(strict.odmail("token", "issue", SASMITA, "--name", "curl"))
    options = ["curl", "-sS", "--cacert", str(strict.authority), "--user", SASMITA, "--oauth2-bearer", token]
    options += ["--login-options", "AUTH=OAUTHBEARER" if mechanism == "oauth" else "AUTH=XOAUTH2"]
    assert "INBOX" in run(*options, f"imaps://localhost:{strict.ports['imaps']}/")
    letter = tmp_path / "letter"
    message_id = f"<{os.urandom(8).hex()}@curl.example>"
    letter.write_text(f"From: {SASMITA}\r\nTo: {BIBHUTI}\r\nMessage-ID: {message_id}\r\n\r\nHello.\r\n")
    sending = ["--mail-from", SASMITA, "--mail-rcpt", BIBHUTI, "--upload-file", str(letter)]
    run(*options, *sending, f"smtps://localhost:{strict.ports['submissions']}/client.example")
    strict.awaited(BIBHUTI, message_id, password=device_password(strict, BIBHUTI))
    assert "curl" in strict.odmail("token", "list", SASMITA)
    strict.odmail("token", "revoke", SASMITA, token)
    done = subprocess.run([*options, f"imaps://localhost:{strict.ports['imaps']}/"], capture_output=True, check=False)
    assert done.returncode == 67  # curl: login denied


def context_with(daemon: Daemon, certificate: Path | None) -> ssl.SSLContext:
    context = daemon.tls()
    if certificate is not None:
        context.load_cert_chain(certificate)
    return context


def external(daemon: Daemon, certificate: Path | None, authzid: str = "") -> imaplib.IMAP4_SSL:
    client = imaplib.IMAP4_SSL(
        "localhost", daemon.ports["imaps"], ssl_context=context_with(daemon, certificate), timeout=PATIENCE
    )
    client.authenticate("EXTERNAL", lambda _: authzid.encode())
    return client


@pytest.fixture(scope="module")
def authority(strict: Daemon) -> Authority:
    """A new one for this module, once the servers have taken it up."""
    made = Authority(strict.folder / AUTHORITY)
    card, _ = made.issue(strict.folder / "probe.pem", SASMITA)

    def taken_up() -> bool:
        try:
            return [external(strict, card).logout() for _ in range(40)] != []  # by all workers, whichever answers
        except (OSError, imaplib.IMAP4.error, imaplib.IMAP4.abort):
            return False

    until(taken_up, "the authority is in use")
    return made


def test_a_certificate_signs_in_by_imap_and_by_submission(strict: Daemon, authority: Authority, tmp_path: Path):
    """Its e-mail address names the person, who may also open a post they hold."""
    card, _ = authority.issue(tmp_path / "card.pem", SASMITA)
    external(strict, card).logout()
    external(strict, card, COLLECTOR).logout()
    with smtplib.SMTP_SSL("localhost", strict.ports["submissions"], context=context_with(strict, card)) as client:
        client.ehlo()
        assert "EXTERNAL" in client.esmtp_features["auth"]
        assert client.docmd("AUTH", "EXTERNAL =")[0] == 235


def test_openssl_signs_in_with_a_certificate(strict: Daemon, authority: Authority, tmp_path: Path):
    """As `openssl s_client -cert` shows it, typed by hand."""
    card, _ = authority.issue(tmp_path / "card.pem", BIBHUTI)
    argv = ["openssl", "s_client", "-quiet", "-crlf", "-cert", str(card), "-key", str(card)]
    argv += ["-CAfile", str(strict.authority), "-verify_return_error"]
    said = run(*argv, "-connect", f"localhost:{strict.ports['imaps']}", text="a AUTHENTICATE EXTERNAL =\nb LOGOUT\n")
    assert "a OK [CAPABILITY" in said


def test_what_a_certificate_does_not_do(strict: Daemon, authority: Authority, tmp_path: Path):
    """Open somebody else's mailbox, come from another authority, sign in on a port without TLS from the start."""
    card, _ = authority.issue(tmp_path / "card.pem", BIBHUTI)
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        external(strict, card, SASMITA)
    with pytest.raises(imaplib.IMAP4.error, match="CANNOT"):
        external(strict, None)
    false, _ = Authority(tmp_path / "other.pem").issue(tmp_path / "false.pem", BIBHUTI)
    with pytest.raises((OSError, imaplib.IMAP4.error)):
        external(strict, false)
    client = imaplib.IMAP4("localhost", strict.ports["imap"], timeout=PATIENCE)
    client.starttls(context_with(strict, card))
    assert "AUTH=EXTERNAL" not in client.capabilities
    client.logout()


def test_a_revoked_certificate_is_refused_within_seconds(strict: Daemon, authority: Authority, tmp_path: Path):
    """Once the authority's list names it; others go on."""
    card, serial = authority.issue(tmp_path / "card.pem", BIBHUTI)
    other, _ = authority.issue(tmp_path / "other.pem", SASMITA)
    external(strict, card).logout()
    authority.revoke(serial)

    def refused() -> bool:
        tries = 0
        for _ in range(6):
            try:
                external(strict, card).logout()
            except (OSError, imaplib.IMAP4.error):
                tries += 1
        return tries == 6

    until(refused, "the revoked certificate is refused by all workers")
    external(strict, other).logout()


def test_a_token_is_told_apart_by_nothing(strict: Daemon):
    """Base64 that is none, a message that is none and a wrong token end the exchange, and the connection lives."""
    client = imaplib.IMAP4_SSL("localhost", strict.ports["imaps"], ssl_context=strict.tls(), timeout=PATIENCE)
    wrong = f"user={SASMITA}\x01auth=Bearer {'a' * 12}.{'b' * 43}\x01\x01".encode()
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        client.authenticate("XOAUTH2", lambda challenge: b"" if challenge else wrong)
    with pytest.raises(imaplib.IMAP4.error, match="BAD"):
        client.authenticate("OAUTHBEARER", lambda _: base64.b64encode(b"nothing"))
    assert client.noop()[0] == "OK"
    client.logout()


def test_mutt_signs_in_by_scram_and_sends(strict: Daemon, tmp_path: Path):
    """It is told to use nothing else, for reading and for sending."""
    password, message_id = device_password(strict, SASMITA), f"<{os.urandom(8).hex()}@mutt.example>"
    (tmp_path / "muttrc").write_text(
        f"""
        set ssl_ca_certificates_file="{strict.authority}" ssl_force_tls=yes
        set imap_user="{SASMITA}" imap_pass="{password}" imap_authenticators="scram-sha-256"
        set smtp_url="smtps://{SASMITA}@localhost:{strict.ports["submissions"]}/" smtp_pass="{password}"
        set smtp_authenticators="scram-sha-256" from="{SASMITA}" use_envelope_from=yes hostname=odisha.example
        set folder="imaps://localhost:{strict.ports["imaps"]}/" spoolfile="+INBOX" record="+Sent"
        set certificate_file="{tmp_path}/seen" header_cache=""
        my_hdr Message-ID: {message_id}
        """
    )
    run("mutt", "-F", str(tmp_path / "muttrc"), "-s", "By SCRAM", "--", BIBHUTI, text="Hello.\n")
    other = device_password(strict, BIBHUTI)
    assert b"By SCRAM" in strict.awaited(BIBHUTI, message_id, password=other)
    assert b"By SCRAM" in strict.awaited(SASMITA, message_id, "Sent", password=password)
