"""Words of the grammar in any order: every command is answered once, nothing is a bug, and the session goes on."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from odmail.imap import commands
from odtest.house import letter
from odtest.talk import Talk

NAMES = sorted(name.decode() for name in commands.load().commands if name not in (b"LOGOUT", b"IDLE", b"COMPRESS"))
WORDS = st.sampled_from(
    [
        "1:*",
        "1",
        "2,3",
        "*",
        "$",
        "9999999999",
        "1:10000",
        "(FLAGS)",
        "(UID",
        "ENVELOPE",
        "BODYSTRUCTURE)",
        "BODY[]",
        "BODY[1.MIME]",
        "BODY.PEEK[HEADER.FIELDS",
        "(To)]",
        "BINARY[1]<0.5>",
        "INBOX",
        "Archive",
        "Nowhere",
        "Sent/Items",
        "&CxM-",
        "&bad-",
        "%*",
        '""',
        '"ଓଡ଼ିଶା"',
        "{3+}\r\nabc",
        "~{3+}\r\na\x00b",
        "{0+}\r\n",
        "FLAGS",
        "+FLAGS.SILENT",
        "(\\Seen",
        "(\\Deleted)",
        "$Todo",
        "(",
        ")",
        "((",
        "))",
        "RETURN",
        "(MIN",
        "MAX",
        "SAVE)",
        "(PARTIAL",
        "1:2)",
        "(STATUS",
        "(MESSAGES))",
        "ALL",
        "NOT",
        "OR",
        "UNSEEN",
        "TEXT",
        "HEADER",
        "SINCE",
        "1-Jan-2026",
        "LARGER",
        "5",
        "MODSEQ",
        "UID",
        "CHARSET",
        "UTF-8",
        "KOI8-R",
        "(SUBJECT",
        "REVERSE",
        "DATE)",
        "REFERENCES",
        "(CHANGEDSINCE",
        "1",
        "VANISHED)",
        "(QRESYNC",
        "(1",
        "1))",
        "CONDSTORE",
        "QRESYNC",
        "IMAP4rev2",
        "UTF8=ACCEPT",
        "NIL",
        "PREVIEW",
        "(LAZY)",
        "(USE",
        "(\\Sent))",
        "UTF8",
        '"17-Jul-2026',
        "02:44:25",
        '+0530"',
        "0",
        "-1",
        "\x7f",
    ]
)
LINES = st.tuples(st.sampled_from(["", "", "UID "]), st.sampled_from(NAMES), st.lists(WORDS, max_size=6)).map(
    lambda parts: f"{parts[0]}{parts[1]}{''.join(' ' + word for word in parts[2])}".encode()
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=12))
def test_any_words_are_answered(lines: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        talk = Talk(Path(folder))
        for number in range(3):
            talk.put(letter(number))
        talk.say(b"SELECT INBOX")
        for line in lines:
            said = talk.say(line)
            assert b"SERVERBUG" not in said, (line, said)
            assert not talk.client.closed, (line, said)
        assert b"OK NOOP completed" in talk.say(b"NOOP")
        talk.close()
