"""Filter scripts end to end: ManageSieve clients nobody here wrote put them, and mail goes where they say."""

import email.policy
import os
import subprocess
from email import message_from_bytes
from pathlib import Path

import managesieve
import pytest
from sievelib.managesieve import Client

from odtest.daemon import Daemon, until

SUNITA = "sunita.hembram@odisha.example"
ARJUN = "arjun.majhi@odisha.example"
ABDUL = "abdul.rahim@odisha.example"
MAMATA = "mamata.jena@odisha.example"

FILING = """require ["fileinto", "mailbox", "imap4flags"];
if header :contains "Subject" "[filed]" {
    fileinto :create :flags "\\\\Flagged" "Filed/By script";
}
"""


@pytest.fixture(autouse=True)
def trust(house: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clients check the server's certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(house.authority))


def sieve_connect(house: Daemon, login: str, folder: Path, *argv: str) -> str:
    """Debian's, with the password on its standard input."""
    done = subprocess.run(
        [
            *("sieve-connect", "--server", "localhost", "--port", str(house.ports["managesieve"]), "--4"),
            *("--user", login, "--passwordfd", "0", "--tlscafile", str(house.authority), "--nosrv"),
            *argv,
        ],
        input=house.people[login].password + "\n",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        cwd=folder,
        check=False,
        env={"HOME": str(folder), "PATH": os.environ["PATH"]},
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def filed(house: Daemon, login: str, message_id: str) -> bytes:
    """The message, once the script has made the mailbox and put it there."""
    client = house.imap(login)
    until(lambda: client.select('"Filed/By script"')[0] == "OK", "the mailbox is made")
    client.logout()
    return house.awaited(login, message_id, '"Filed/By script"')


def test_sieve_connect_puts_a_script_and_mail_goes_where_it_says(house: Daemon, tmp_path: Path):
    """Upload, activate, list, download; then a message is filed with its flag."""
    (tmp_path / "filing.sieve").write_text(FILING)
    sieve_connect(house, SUNITA, tmp_path, "--localsieve", "filing.sieve", "--upload")
    sieve_connect(house, SUNITA, tmp_path, "--remotesieve", "filing.sieve", "--activate")
    assert '"filing.sieve" ACTIVE' in sieve_connect(house, SUNITA, tmp_path, "--list").replace("ACTIVE ", "ACTIVE")
    sieve_connect(house, SUNITA, tmp_path, "--remotesieve", "filing.sieve", "--localsieve", "back", "--download")
    assert (tmp_path / "back").read_text().replace("\r\n", "\n") == FILING
    assert b"[filed] one" in filed(house, SUNITA, house.send(ARJUN, SUNITA, subject="[filed] one"))
    assert house.awaited(SUNITA, house.send(ARJUN, SUNITA, subject="not filed"))
    client = house.imap(SUNITA)
    client.select('"Filed/By script"')
    assert client.uid("SEARCH", None, "FLAGGED")[1][0].split() != []
    client.logout()


def test_sieve_connect_is_told_what_is_wrong(house: Daemon, tmp_path: Path):
    """Line and column reach the person."""
    (tmp_path / "wrong.sieve").write_text("keep;\nfrobnicate;\n")
    with pytest.raises(AssertionError, match="line 2, column 1: there is no command frobnicate"):
        sieve_connect(house, SUNITA, tmp_path, "--localsieve", "wrong.sieve", "--upload")


def test_the_managesieve_library_does_all_it_can(house: Daemon):
    """Sign-in inside TLS, space, put, get, activate, delete."""
    client = managesieve.MANAGESIEVE("localhost", house.ports["managesieve"], use_tls=True)
    assert client.login("", ARJUN, house.people[ARJUN].password) == "OK"
    assert client.havespace("first", 100) == "OK"
    assert client.havespace("first", 2_000_000) == "NO"
    assert client.putscript("first", "keep;\r\n") == "OK"
    assert client.putscript("second", 'redirect "me@private.example";') == "NO"
    assert client.setactive("first") == "OK"
    assert client.listscripts() == ("OK", [("first", True)])
    assert client.getscript("first") == ("OK", "keep;\r\n")
    assert client.deletescript("first") == "NO"
    assert client.setactive("") == "OK"
    assert client.deletescript("first") == "OK"
    assert client.listscripts() == ("OK", [])
    client.logout()


def test_sievelib_sets_a_vacation_that_is_answered_once(house: Daemon):
    """The answer goes outside, from nobody, to who wrote; the second letter gets none."""
    client = Client("localhost", house.ports["managesieve"])
    assert client.connect(ABDUL, house.people[ABDUL].password, starttls=True, authmech="PLAIN")
    script = 'require "vacation";\r\nvacation :days 1 :subject "Away" "I am on leave until Monday.";\r\n'
    assert client.checkscript(script)
    assert client.putscript("leave", script)
    assert client.setactive("leave")
    assert client.listscripts() == ("leave", [])
    client.logout()
    marker = os.urandom(6).hex()
    for number in range(2):
        letter = (
            f"From: {marker}@elsewhere.example\r\nTo: {ABDUL}\r\nMessage-ID: <{marker}.{number}@elsewhere.example>\r\n"
            f"Subject: question {number}\r\n\r\nWhen?\r\n"
        )
        with house.mx() as outside:
            outside.sendmail(f"{marker}@elsewhere.example", [ABDUL], letter)
        house.awaited(ABDUL, f"<{marker}.{number}@elsewhere.example>")

    def answers() -> list[bytes]:
        files = (house.folder / "outside").rglob("*.eml")
        return [octets for octets in (path.read_bytes() for path in files) if marker.encode() in octets]

    (answer,) = until(answers, "the answer arrives outside")
    message = message_from_bytes(answer, policy=email.policy.default)
    assert (message["Subject"], message["Auto-Submitted"]) == ("Away", "auto-replied (vacation)")
    assert message["In-Reply-To"] == f"<{marker}.0@elsewhere.example>"
    assert "I am on leave until Monday." in message.as_string()


def test_the_command_line_keeps_and_tries_scripts(house: Daemon, tmp_path: Path):
    """put, list, get, test with its trace, activate, delete."""
    script, letter = tmp_path / "filing.sieve", tmp_path / "letter.eml"
    script.write_text(FILING)
    letter.write_bytes(b"Subject: [filed] x\r\n\r\nbody\r\n")
    house.odmail("sieve", "put", MAMATA, "filing", str(script), "--activate")
    assert "filing" in house.odmail("sieve", "list", MAMATA)
    assert house.odmail("sieve", "get", MAMATA, "filing") == FILING
    told = house.odmail("sieve", "test", str(script), str(letter), "--account", MAMATA)
    assert "2:   header: yes" in told
    assert "=> fileinto Filed/By script with \\Flagged" in told
    assert filed(house, MAMATA, house.send(ARJUN, MAMATA, subject="[filed] y"))
    house.odmail("sieve", "activate", MAMATA, "--none")
    house.odmail("sieve", "delete", MAMATA, "filing")
    assert "filing" not in house.odmail("sieve", "list", MAMATA)
    assert house.odmail("sieve", "check", str(script)) == ""
