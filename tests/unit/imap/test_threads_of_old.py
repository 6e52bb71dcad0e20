"""Messages that came before their links were kept are threaded as well."""

from pathlib import Path

from odtest.house import SASMITA
from odtest.talk import Talk


def letter(number: int, more: str) -> bytes:
    """Each has a subject of its own, so that only links can bring them together."""
    date = f"Tue, 10 Mar 2026 1{number}:00:00 +0530"
    head = f"From: a@b.example\r\nDate: {date}\r\nSubject: S{number}\r\nMessage-ID: <{number}@x>\r\n{more}"
    return f"{head}\r\nHi\r\n".encode()


def test_thread(tmp_path: Path) -> None:
    """Some of them by what was kept, some by the header."""
    talk = Talk(tmp_path)
    for number, more in enumerate(("", "References: <1@x>\r\n", "", "In-Reply-To: <2@x>\r\n"), 1):
        talk.put(letter(number, more))
    talk.say(b"SELECT INBOX")
    account = talk.world.store.open(SASMITA.id)
    account.write(lambda tx: tx.cursor.execute("UPDATE message SET links = NULL WHERE message % 2 = 0"))
    assert talk.say(b"THREAD REFERENCES UTF-8 ALL").startswith(b"* THREAD (1 2 4)(3)\r\n")
    talk.close()
