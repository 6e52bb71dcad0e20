"""Programs nobody here wrote, as Debian ships them: swaks, mbsync, mutt, getmail6, curl, ldapsearch."""

import os
import select
import ssl
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path

import ldap3
import pytest
from ldap3.core.exceptions import LDAPExceptionError

from odtest.clients import run, secret
from odtest.daemon import Daemon, until

SASMITA = "sasmita.nayak@odisha.example"
BIBHUTI = "bibhuti.das@odisha.example"
SUNITA = "sunita.hembram@odisha.example"
ARJUN = "arjun.majhi@odisha.example"


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize(("service", "option"), [("submission", "-tls"), ("submissions", "-tlsc")])
def test_swaks_signs_in_and_sends(house: Daemon, tmp_path: Path, mechanism: str, service: str, option: str):
    message_id = f"<{os.urandom(8).hex()}@swaks.example>"
    written = run(
        *("swaks", "--server", "localhost", "--port", str(house.ports[service]), option),
        *("--tls-ca-path", str(house.authority), "--tls-verify", "--auth", mechanism),
        *("--auth-user", SASMITA, "--auth-password", house.people[SASMITA].password),
        *("--from", SASMITA, "--to", BIBHUTI, "--header", f"Message-Id: {message_id}"),
        home=tmp_path,
    )
    assert " 235 " in written
    assert house.awaited(BIBHUTI, message_id)


def test_swaks_delivers_from_outside_by_lmtp_and_by_smtp_with_pipelining(house: Daemon, tmp_path: Path):
    for options in (
        ("--protocol", "LMTP", "--port", str(house.ports["lmtp"])),
        ("--pipeline", "--port", str(house.ports["mx"])),
    ):
        message_id = f"<{os.urandom(8).hex()}@swaks.example>"
        run(
            *("swaks", "--server", "localhost", *options, "--from", "friend@elsewhere.example"),
            *("--to", BIBHUTI, "--header", f"Message-Id: {message_id}"),
            home=tmp_path,
        )
        assert house.awaited(BIBHUTI, message_id)


def test_mbsync_copies_a_mailbox_both_ways_and_a_second_run_finds_nothing_to_do(house: Daemon, tmp_path: Path):
    ids = [house.send(BIBHUTI, SUNITA, subject=f"Letter {number}") for number in range(3)]
    for message_id in ids:
        house.awaited(SUNITA, message_id)
    secret(tmp_path / "password", house.people[SUNITA].password)
    secret(
        tmp_path / "mbsyncrc",
        f"""\
        IMAPAccount office
        Host localhost
        Port {house.ports["imaps"]}
        User {SUNITA}
        PassCmd "cat {tmp_path}/password"
        SSLType IMAPS
        CertificateFile {house.authority}

        IMAPStore far
        Account office

        MaildirStore near
        Path {tmp_path}/mail/
        Inbox {tmp_path}/mail/INBOX
        SubFolders Verbatim

        Channel all
        Far :far:
        Near :near:
        Patterns INBOX Drafts
        Create Both
        Expunge Both
        SyncState *
        """,
    )
    (tmp_path / "mail").mkdir()
    sync = ("mbsync", "-c", str(tmp_path / "mbsyncrc"), "-a")
    run(*sync, home=tmp_path)
    arrived = [path for kind in ("new", "cur") for path in (tmp_path / "mail" / "INBOX" / kind).iterdir()]
    assert len(arrived) >= 3
    (tmp_path / "mail" / "Drafts" / "new" / "1.here").write_bytes(b"Subject: written at home\n\nDraft\n")
    first = arrived[0]
    first.rename(first.parent.parent / "cur" / (first.name.partition(":")[0] + ":2,FS"))
    for _ in range(2):
        run(*sync, home=tmp_path)
        client = house.imap(SUNITA)
        client.select("Drafts")
        assert len(client.search(None, "SUBJECT", '"written at home"')[1][0].split()) == 1
        client.select("INBOX")
        assert len(client.search(None, "FLAGGED", "SEEN")[1][0].split()) == 1
        client.logout()
        assert len([path for kind in ("new", "cur") for path in (tmp_path / "mail" / "INBOX" / kind).iterdir()]) == len(
            arrived
        )


def test_getmail_fetches_each_letter_once(house: Daemon, tmp_path: Path):
    sent = house.send(BIBHUTI, ARJUN, subject="For getmail")
    house.awaited(ARJUN, sent)
    secret(
        tmp_path / "getmailrc",
        f"""\
        [retriever]
        type = SimpleIMAPSSLRetriever
        server = localhost
        port = {house.ports["imaps"]}
        username = {ARJUN}
        password = {house.people[ARJUN].password}
        mailboxes = ("INBOX",)
        ca_certs = {house.authority}
        [destination]
        type = MDA_external
        path = /usr/bin/tee
        arguments = ("-a", "{tmp_path}/mail")
        allow_root_commands = true
        [options]
        read_all = false
        """,
    )
    for _ in range(2):
        run("getmail", "--getmaildir", str(tmp_path), "--rcfile", "getmailrc", home=tmp_path)
    assert (tmp_path / "mail").read_text().count(sent) == 1


def test_mutt_reads_a_mailbox_and_sends_with_an_attachment(house: Daemon, tmp_path: Path):
    user, password = SASMITA, house.people[SASMITA].password
    secret(
        tmp_path / "muttrc",
        f"""\
        set ssl_ca_certificates_file="{house.authority}"
        set ssl_starttls=yes ssl_force_tls=yes
        set imap_user="{user}" imap_pass="{password}"
        set smtp_url="smtps://{user}@localhost:{house.ports["submissions"]}/" smtp_pass="{password}"
        set from="{user}" realname="Sasmita Nayak" use_envelope_from=yes hostname=odisha.example
        set folder="imaps://localhost:{house.ports["imaps"]}/" spoolfile="+INBOX" record="+Sent"
        set certificate_file="{tmp_path}/seen" header_cache="" send_charset="utf-8"
        """,
    )
    (tmp_path / "map.txt").write_text("a map\n")
    mutt = ("mutt", "-F", str(tmp_path / "muttrc"))
    run(*mutt, "-s", "ମାନଚିତ୍ର", "-a", str(tmp_path / "map.txt"), "--", BIBHUTI, home=tmp_path, text="See the map.\n")
    client = house.imap(SASMITA)
    client.select("Sent")
    sent = message_from_bytes(client.fetch("*", "(BODY.PEEK[])")[1][0][1], policy=policy.default)
    client.logout()
    assert sent["Subject"] == "ମାନଚିତ୍ର"
    arrived = message_from_bytes(house.awaited(BIBHUTI, sent["Message-ID"]), policy=policy.default)
    assert [part.get_filename() for part in arrived.iter_attachments()] == ["map.txt"]
    index = f"{' '.join(mutt)} -f +Sent -e 'push <quit>'"
    assert "ମାନଚିତ୍ର" in run("script", "-qec", index, "/dev/null", home=tmp_path)


def test_curl_lists_and_fetches(house: Daemon, tmp_path: Path):
    sent = house.send(BIBHUTI, SASMITA, subject="For curl")
    house.awaited(SASMITA, sent)
    url = f"imaps://localhost:{house.ports['imaps']}"
    login = ("curl", "-sS", "--cacert", str(house.authority), "--user", f"{SASMITA}:{house.people[SASMITA].password}")
    assert "INBOX" in run(*login, f"{url}/", home=tmp_path)
    assert "For curl" in run(*login, f"{url}/INBOX;MAILINDEX=*", home=tmp_path)


def ldap(house: Daemon, folder: Path, program: str, *argv: str, password: str, codes: tuple[int, ...] = (0,)) -> str:
    """One of OpenLDAP's programs, as Sunita; the lines that are no comments."""
    secret(folder / ".ldaprc", f"TLS_CACERT {house.authority}\nTLS_REQCERT demand\n")
    url = f"ldaps://127.0.0.1:{house.ports['ldaps']}"
    written = run(program, "-H", url, "-x", "-D", SUNITA, "-w", password, *argv, home=folder, codes=codes)
    return "".join(f"{line}\n" for line in written.splitlines() if line and not line.startswith("#"))


def test_programs_that_speak_ldap_find_people_until_their_password_is_revoked(house: Daemon, tmp_path: Path):
    """ldapsearch, by parts of names in Odia and in pages, and Python's ldap3; nobody changes anything."""
    password = house.odmail("device-password", "add", SUNITA, "--name", "Outlook", "--scope", "directory").split()[-1]
    who = partial(ldap, house, tmp_path, password=password)
    search = partial(who, "ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", "dc=odisha,dc=example", codes=(0, 52))
    infix = ("(&(mail=*)(|(cn=*ହାନ୍*)(sn=ହାନ୍*)))", "mail", "ou")
    until(lambda: "anjali" in search(*infix), "the book is made")
    found = search(*infix)
    assert "dn: mail=anjali.mohanty@odisha.example,dc=odisha,dc=example\n" in found
    assert "ou: Revenue and Disaster Management Department\n" in found
    pages = ("-E", "pr=5/noprompt", "(mail=*)", "mail")
    until(lambda: search(*pages) == search("(mail=*)", "mail"), "pages are the whole")
    assert f"u:{SUNITA}\n" in who("ldapwhoami")
    assert "only read here" in who("ldapdelete", f"mail={SASMITA},dc=odisha,dc=example", codes=(53,))
    assert "Invalid credentials (49)" in ldap(house, tmp_path, "ldapwhoami", password="wrong", codes=(49,))
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(house.authority))
    server = ldap3.Server("localhost", house.ports["ldaps"], use_ssl=True, tls=tls, get_info=ldap3.DSA)
    with ldap3.Connection(server, SUNITA, password, raise_exceptions=True) as client:
        assert server.info.naming_contexts == ["dc=odisha,dc=example"]
        book = ("dc=odisha,dc=example", f"(mail={SASMITA})")
        assert client.search(*book, attributes=["cn"])
        assert client.response[0]["attributes"]["cn;lang-or"] == ["ସସ୍ମିତା ନାୟକ"]
        house.odmail("device-password", "revoke", SUNITA, password[:4])
        until(lambda: select.select([client.socket], [], [], 0)[0], "the session has ended", 5)
        with pytest.raises(LDAPExceptionError):
            client.search(*book)
