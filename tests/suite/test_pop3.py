"""POP3 over TLS with the standard library's client: both ports, the lock between two workers, DELE beside IMAP."""

import contextlib
import poplib
import re
import socket
import ssl

import pytest

from odtest.daemon import Daemon, until

BIBHUTI = "bibhuti.das@odisha.example"
MAMATA = "mamata.jena@odisha.example"


def client(house: Daemon, login: str = MAMATA, *, implicit: bool = True) -> poplib.POP3:
    if implicit:
        made: poplib.POP3 = poplib.POP3_SSL("localhost", house.ports["pop3s"], context=house.tls(), timeout=30)
    else:
        made = poplib.POP3("localhost", house.ports["pop3"], timeout=30)
        made.stls(context=house.tls())
    made.user(login)
    made.pass_(house.people[login].password)
    return made


def test_letters_are_fetched_deleted_at_quit_and_gone_from_imap(house: Daemon):
    ids = [house.send(BIBHUTI, MAMATA, subject=f"Letter {number}", body="One.\n.\n..two\n") for number in range(3)]
    for message_id in ids:
        house.awaited(MAMATA, message_id)
    first = client(house)
    count, octets = first.stat()
    assert count == 3
    assert sum(int(line.split()[1]) for line in first.list()[1]) == octets
    names = first.uidl()[1]
    body = first.retr(1)[1]
    assert body[-3:] == [b"One.", b".", b"..two"]
    assert first.top(1, 0)[1][-1] == b""
    first.dele(1)
    first.quit()
    second = client(house, implicit=False)
    assert [name.split()[1] for name in second.uidl()[1]] == [name.split()[1] for name in names[1:]]
    second.dele(1)
    second.close()  # no QUIT: it stays
    imap = house.imap(MAMATA)
    imap.select("INBOX")
    assert len(imap.search(None, "ALL")[1][0].split()) == 2
    imap.logout()


def test_a_maildrop_is_one_sessions_whichever_worker_serves_it(house: Daemon):
    holder = client(house)
    for _ in range(6):  # connections are spread over the workers
        with pytest.raises(poplib.error_proto, match="IN-USE"):
            client(house)
    holder.quit()

    def again() -> bool:
        try:
            client(house).quit()
        except poplib.error_proto:
            return False
        return True

    until(again, "the next one has it")


def test_outside_of_tls_no_password_is_taken_and_what_follows_stls_is_forgotten(house: Daemon):
    bare = poplib.POP3("localhost", house.ports["pop3"], timeout=30)
    assert "STLS" in bare.capa()
    assert "USER" not in bare.capa()
    with pytest.raises(poplib.error_proto, match="TLS"):
        bare.user(MAMATA)
    bare.sock.sendall(b"STLS\r\nCAPA\r\n")
    assert bare.file.readline().startswith(b"+OK")
    with house.tls().wrap_socket(bare.sock, server_hostname="localhost") as inside:
        inside.settimeout(0.5)
        with pytest.raises((TimeoutError, ssl.SSLWantReadError)):
            inside.recv(1)
        inside.settimeout(30)
        inside.sendall(b"CAPA\r\n")
        assert inside.recv(100).startswith(b"+OK")


def test_commands_sent_at_once_are_answered_in_order_and_measured(house: Daemon):
    session = client(house)
    session.sock.sendall(b"NOOP\r\nBOGUS\r\nSTAT\r\n" * 200 + b"QUIT\r\n")
    said = b"".join(iter(lambda: session.sock.recv(65536), b""))
    assert re.findall(rb"^(\+OK|-ERR)", said, re.M) == [b"+OK", b"-ERR", b"+OK"] * 200 + [b"+OK"]
    until(lambda: 'command="STAT",outcome="ok",service="pop3"' in house.get("/metrics"), "it is counted")


def test_strangers_cost_little(house: Daemon):
    """A line without end, NUL, silence before TLS."""
    for said in (b"x" * 200_000, b"\0" * 2000 + b"\r\n", b"GET / HTTP/1.1\r\n\r\n" * 20):
        bare = poplib.POP3("localhost", house.ports["pop3"], timeout=30)
        bare.sock.sendall(said)
        with contextlib.suppress(OSError):  # it has hung up already
            bare.sock.shutdown(socket.SHUT_WR)
        assert bare.file.read(100_000).count(b"-ERR") <= 25
        bare.close()
    client(house).quit()
