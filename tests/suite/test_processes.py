"""What the processes do for one another: pushing changes, coming back, ending sessions, stopping in good order."""

import contextlib
import imaplib
import os
import re
import signal
import smtplib
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest
from imapclient import IMAPClient

from odsuite import certs
from odtest.daemon import Daemon, running, until
from odtest.dav import EVENT, ask, home

SASMITA = "sasmita.nayak@odisha.example"
BIBHUTI = "bibhuti.das@odisha.example"
LIPIKA = "lipika.sahoo@odisha.example"
TAHASILDAR = "tahasildar.bhubaneswar@odisha.example"
RAMESH = "ramesh.pradhan@odisha.example"


def idling(house: Daemon, login: str, password: str | None = None) -> IMAPClient:
    """In IDLE on INBOX."""
    client = IMAPClient("localhost", house.ports["imaps"], ssl_context=house.tls())
    client.login(login, password or house.people[login].password)
    client.select_folder("INBOX")
    client.idle()
    return client


def test_new_mail_is_pushed_to_a_session_in_another_process_within_seconds(house: Daemon):
    client = idling(house, RAMESH)
    house.send(BIBHUTI, RAMESH)  # delivered by the queue worker, which is another process than the session's
    pushed = []
    until(lambda: pushed.extend(client.idle_check(timeout=0.1)) or any(b"EXISTS" in each for each in pushed), "push", 5)
    client.idle_done()
    client.logout()


def test_a_flag_set_in_one_session_is_pushed_to_all_others(house: Daemon):
    sent = house.send(BIBHUTI, RAMESH)
    assert house.awaited(RAMESH, sent)
    watching = [idling(house, RAMESH) for _ in range(6)]  # both workers have some of them
    client = house.imap(RAMESH)
    client.select("INBOX")
    client.store("*", "+FLAGS", "(\\Flagged)")
    for each in watching:
        until(lambda each=each: any(b"FETCH" in row for row in each.idle_check(timeout=0.1)), "the flag", 5)
        each.idle_done()
        each.logout()
    client.logout()


def test_a_handover_ends_the_old_holders_connections_within_5_seconds_and_opens_all_to_the_new(house: Daemon):
    written = house.odmail("device-password", "add", LIPIKA, "--post", "tahasildar.bhubaneswar", "--name", "Test")
    password = written.rpartition("password:")[2].strip()
    sent = house.send(BIBHUTI, TAHASILDAR)
    assert house.awaited(TAHASILDAR, sent, password=password)
    old = [idling(house, TAHASILDAR, password) for _ in range(3)]
    at = time.monotonic()
    house.odmail("post", "handover", "tahasildar.bhubaneswar", "--to", RAMESH, "--order", "42/2026")
    handed_over = time.monotonic()
    for client in old:
        with contextlib.suppress(imaplib.IMAP4.error, OSError, ssl.SSLError):
            until(lambda client=client: any(b"BYE" in row for row in client.idle_check(timeout=0.1)), "BYE", 8)
    assert time.monotonic() - handed_over < 5, f"the command itself took {handed_over - at:.1f} s"
    with pytest.raises(imaplib.IMAP4.error):
        house.imap(TAHASILDAR, password)
    assert house.awaited(RAMESH, sent, "Posts/tahasildar.bhubaneswar/INBOX")


@pytest.mark.breaks
@pytest.mark.parametrize("name", ["mail-1", "web-1", "book", "queue", "sink"])
def test_a_killed_process_comes_back_and_mail_goes_on(house: Daemon, name: str):
    house.kill(name)
    sent = house.send(SASMITA, BIBHUTI)
    assert house.awaited(BIBHUTI, sent)
    house.send(SASMITA, "friend@elsewhere.example")


def test_no_connection_is_refused_while_workers_die(house: Daemon):
    for name in ("mail-1", "mail-2"):
        os.kill(house.pid(name), signal.SIGKILL)
    for service in ("imap", "mx", "submission"):
        with socket.create_connection(("127.0.0.1", house.ports[service]), timeout=30) as client:
            assert client.recv(100)
    until(lambda: house.health()["status"] == "ok", "both are back")


def test_new_certificates_are_used_after_a_hangup_and_open_connections_go_on(house: Daemon):
    client = house.imap(SASMITA)
    before = client.sock.getpeercert(binary_form=True)
    certs.issue(house.folder / "tls", ["localhost", "127.0.0.1", "mail.odisha.example"])
    house.process.send_signal(signal.SIGHUP)

    def changed() -> bool:
        with (
            socket.create_connection(("127.0.0.1", house.ports["imaps"])) as plain,
            house.tls().wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            return secure.getpeercert(binary_form=True) != before

    until(lambda: all(changed() for _ in range(4)), "the new certificate in each worker", 10)
    assert client.noop()[0] == "OK"
    client.logout()


def goes_through(house: Daemon) -> bool:
    """Does a letter, sent and read? Of failures only "try again" is forgiven."""
    try:
        return bool(house.awaited(BIBHUTI, house.send(SASMITA, BIBHUTI)))
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPRecipientsRefused, imaplib.IMAP4.error) as error:
        if not re.search("UNAVAILABLE|454|451", str(error)):
            raise
        return False


@pytest.mark.breaks
def test_while_the_directory_is_away_sign_ins_are_told_to_try_again_and_all_recovers(house: Daemon):
    slapd = house.pid("directory")
    before = house.send(SASMITA, BIBHUTI)
    assert house.awaited(BIBHUTI, before)
    open_session = house.imap(SASMITA)
    path = f"{home(house, SASMITA)}calendar/away.ics"
    octets = EVENT.format(uid="away", summary="Review").encode()
    os.kill(slapd, signal.SIGSTOP)  # a directory that answers nothing is worse than one that is gone
    try:
        with pytest.raises(imaplib.IMAP4.error, match="UNAVAILABLE"):
            house.imap("mamata.jena@odisha.example", "nilachala-2026")
        with house.mx() as client:
            client.ehlo("elsewhere.example")
            client.mail("friend@elsewhere.example")
            assert client.rcpt("never.asked.before@odisha.example")[0] // 100 == 4
        assert open_session.noop()[0] == "OK"
        assert ask(house, "PUT", path, octets, SASMITA).status == 201  # who signed in a moment ago is known
        assert ask(house, "GET", path, login=SASMITA).octets == octets
        refused = ask(house, "PROPFIND", "/dav/", login=LIPIKA)
        told = refused.status, refused.headers["Retry-After"], refused.headers["WWW-Authenticate"]
        assert told == (503, "30", None)  # after 401 a phone would ask for another password
    finally:
        os.kill(slapd, signal.SIGCONT)
    until(lambda: house.health()["status"] == "ok", "the directory is back")
    house.kill("directory")
    until(lambda: all(goes_through(house) for _ in range(6)), "letters go through again, by each worker", 20)
    open_session.logout()


def test_nobody_misses_the_nursery_and_what_it_forks_later_serves_too(house: Daemon):
    reader = house.imap(SASMITA)
    house.kill("nursery")
    assert reader.noop()[0] == "OK"
    house.kill("queue")
    house.kill("web-1")
    assert house.awaited(BIBHUTI, house.send(SASMITA, BIBHUTI))
    titles = [Path(f"/proc/{house.pid(name)}/cmdline").read_text().rstrip("\0") for name in ("nursery", "web-1")]
    assert titles == ["odmail: nursery", "odmail: web-1"]


def test_health_and_metrics_tell_of_every_process(house: Daemon):
    assert house.send(SASMITA, BIBHUTI)
    names = [each["name"] for each in house.health()["processes"]]
    assert names == ["nursery", "directory", "mail-1", "mail-2", "web-1", "book", "queue", "sink"]
    until(lambda: 'odmail_events_total{event="received",level="info"}' in house.get("/metrics"), "it is counted", 10)
    assert "odmail_call_seconds_count" in house.get("/metrics")


def test_each_command_is_counted_and_timed_by_how_it_ended(house: Daemon):
    def count(command: str, outcome: str, service: str = "imap") -> float:
        labels = f'{{command="{command}",outcome="{outcome}",service="{service}"}}'
        found = re.search(re.escape(f"odmail_command_seconds_count{labels} ") + r"(\S+)", house.get("/metrics"))
        return float(found[1]) if found else 0.0

    wanted = [("NOOP", "OK"), ("SELECT", "NO"), ("RCPT", "2xx", "mx"), ("RCPT", "5xx", "mx"), ("DATA", "2xx", "mx")]
    time.sleep(2)  # what other tests did is written down once a second
    before = [count(*each) for each in wanted]
    client = house.imap(SASMITA)
    client.noop()
    client.select("Nowhere")
    client.logout()
    with house.mx() as outside:
        outside.sendmail(
            "friend@elsewhere.example", [SASMITA, "nobody.at.all@odisha.example"], b"Subject: x\r\n\r\nx\r\n"
        )

    def more() -> list[float]:
        return [count(*each) - had for each, had in zip(wanted, before, strict=True)]

    until(lambda: more() == [1, 1, 1, 1, 1], "each is counted once", 10)
    assert 'odmail_command_seconds_sum{command="DATA",outcome="2xx",service="mx"}' in house.get("/metrics")


def test_no_password_is_in_any_log_line_or_command_line(house: Daemon):
    with contextlib.suppress(imaplib.IMAP4.error):
        house.imap(SASMITA, "hush-hush-hush")
    house.send(SASMITA, BIBHUTI)
    log = (house.folder / "log").read_text()
    assert "hush-hush-hush" not in log
    assert house.people[SASMITA].password not in log
    commands = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert (house.folder / "directory" / "service.password").read_text().strip() not in commands


def test_all_data_is_private(house: Daemon):
    assert house.folder.stat().st_mode & 0o077 == 0
    files = (path for path in house.folder.rglob("*") if path.is_file() and path.suffix != ".pem")
    assert [path for path in files if path.stat().st_mode & 0o077 and path.parent != house.folder] == []


def test_sigterm_lets_a_message_on_its_way_arrive_and_says_goodbye():
    with running() as daemon:
        reader = daemon.imap(SASMITA)
        with daemon.mx() as client:
            client.ehlo("elsewhere.example")
            client.mail("friend@elsewhere.example")
            client.rcpt(SASMITA)
            assert client.docmd("DATA")[0] == 354
            client.send(b"Message-ID: <late@elsewhere.example>\r\n\r\nfirst half\r\n")
            daemon.process.send_signal(signal.SIGTERM)
            until(lambda: b"BYE" in reader.readline(), "BYE", 10)
            with pytest.raises(OSError):
                until(lambda: not daemon.mx(), "new connections are refused", 10)
            client.send(b"second half\r\n.\r\n")
            assert client.getreply()[0] == 250
            with contextlib.suppress(smtplib.SMTPException):
                client.quit()
        assert daemon.process.wait(40) == 0
        daemon.process = None
        daemon.start()
        assert b"second half" in daemon.awaited(SASMITA, "<late@elsewhere.example>")
