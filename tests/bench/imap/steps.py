"""What is measured beside Dovecot: each step takes one server and gives one run's figures."""

import time
from collections.abc import Callable, Mapping

from bench.imap import letters
from bench.imap.crowd import Crowd
from bench.mail.client import Imap
from bench.mail.server import Server

MAILBOX = b"Large"
_FIELDS = b"From To Cc Bcc Subject Date Message-ID References Newsgroups In-Reply-To Content-Type Reply-To"
_RARE = letters.word(4321)

Figures = dict[str, float]
Step = Callable[[Server], Figures]

BULK: Mapping[str, tuple[bytes, ...]] = {
    "flags": (b"FETCH 1:* (UID FLAGS)",),
    "envelopes": (b"FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)",),
    "fields": (b"UID FETCH 1:* (FLAGS RFC822.SIZE BODY.PEEK[HEADER.FIELDS (" + _FIELDS + b")])",),
    "headers": (b"FETCH 1:* (BODY.PEEK[HEADER])",),
    "structures": (b"FETCH 1:* (BODYSTRUCTURE)",),
    "bodies": (b"FETCH 1:* (UID BODY.PEEK[])",),
    "search_flag": (b"SEARCH UNSEEN",),
    "search_since": (b"SEARCH SINCE 9-Oct-2025",),
    "search_subject": (b'SEARCH SUBJECT "Report 4321"',),
    "search_from": (b'SEARCH FROM "sender77@"',),
    "search_rare": (b'SEARCH BODY "' + _RARE + b'"',),
    "search_text": (b'SEARCH TEXT "' + _RARE + b'"',),
    "search_common": (b'SEARCH BODY "relief works"',),
    "sort_date": (b"SORT (DATE) UTF-8 ALL",),
    "sort_subject": (b"SORT (SUBJECT) UTF-8 ALL",),
    "thread": (b"THREAD REFERENCES UTF-8 ALL",),
    "store": (b"STORE 1:* +FLAGS.SILENT (\\Flagged)", b"STORE 1:* -FLAGS.SILENT (\\Flagged)"),
}
"""Commands on the whole mailbox; where there are two they are given in turn."""

SMALL: Mapping[str, bytes] = {"noop": b"NOOP", "fetch_one": b"UID FETCH 77 (FLAGS ENVELOPE)"}
CROWDS = (1, 10, 100)
SINGLE: Mapping[str, tuple[bytes, ...]] = {
    "status": (b"STATUS INBOX (MESSAGES UNSEEN UIDNEXT)",),
    "fetch_body": (b"UID FETCH 77 (BODY.PEEK[])",),
    "store_one": (b"UID STORE 77 +FLAGS.SILENT (\\Answered)", b"UID STORE 77 -FLAGS.SILENT (\\Answered)"),
    "search_uid": (b"UID SEARCH UID 77 UNDELETED",),
    "list": (b'LIST "" *',),
}
_REPEATS = 50


def timed(client: Imap, command: bytes) -> float:
    """Milliseconds to the tagged response."""
    return client.timed(command) * 1000


def select(server: Server) -> Figures:
    """On a fresh connection."""
    client = server.connect()
    took = timed(client, b"SELECT " + MAILBOX)
    client.close()
    return {"select": took}


def bulk(name: str) -> Step:
    """Commands on all messages of the mailbox, on a fresh connection; the mean when there are two."""

    def step(server: Server) -> Figures:
        client = server.connect()
        client.command(b"SELECT " + MAILBOX)
        took = [timed(client, command) for command in BULK[name]]
        client.close()
        return {name: sum(took) / len(took)}

    return step


def transfers(server: Server) -> Figures:
    """All messages copied, moved on, and expunged."""
    client = server.connect()
    for name in (b"Copies", b"Moved"):
        client.command(b"CREATE " + name)
    client.command(b"SELECT " + MAILBOX)
    figures = {"copy": timed(client, b"COPY 1:* Copies")}
    client.command(b"SELECT Copies")
    figures["move"] = timed(client, b"MOVE 1:* Moved")
    client.command(b"SELECT Moved")
    client.command(b"STORE 1:* +FLAGS.SILENT (\\Deleted)")
    figures["expunge"] = timed(client, b"EXPUNGE")
    client.command(b"UNSELECT")
    for name in (b"Copies", b"Moved"):
        client.command(b"DELETE " + name)
    client.close()
    return figures


def append(count: int) -> Step:
    """One after the other on one connection: milliseconds for each."""

    def step(server: Server) -> Figures:
        client = server.connect()
        client.command(b"CREATE Appended")
        start = time.perf_counter()
        for octets in letters.series(count, server.logins[0]):
            client.append(b"Appended", octets)
        took = time.perf_counter() - start
        client.command(b"DELETE Appended")
        client.close()
        return {"append": took * 1000 / count}

    return step


def single(name: str) -> Step:
    """A small command, its answer awaited, again and again on one connection: milliseconds for each."""

    def step(server: Server) -> Figures:
        client = server.connect()
        client.command(b"SELECT " + MAILBOX)
        commands = SINGLE[name]
        start = time.perf_counter()
        for number in range(_REPEATS):
            client.command(commands[number % len(commands)])
        took = time.perf_counter() - start
        client.close()
        return {name: took * 1000 / _REPEATS}

    return step


def small(name: str, connections: int, seconds: float) -> Step:
    """Small commands a second from so many connections at once."""

    def step(server: Server) -> Figures:
        crowd = Crowd(server, MAILBOX, connections)
        found = crowd.rate(SMALL[name], seconds)
        crowd.close()
        return {f"{name}_{connections}": found}

    return step


def steps(appended: int, seconds: float) -> dict[str, Step]:
    """All by name, those that change the mailbox last."""
    rates = {f"{name}_{size}": small(name, size, seconds) for name in SMALL for size in CROWDS}
    singles = {name: single(name) for name in SINGLE}
    whole = {name: bulk(name) for name in BULK}
    return {"select": select, **whole, **singles, **rates, "append": append(appended), "transfers": transfers}
