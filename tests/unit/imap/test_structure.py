"""BODY from BODYSTRUCTURE."""

from odmail.imap.structure import without_extensions
from odmail.message.parse import parse

NESTED = (
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\na\r\n"
    b'--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: ("\xff\r\nTo: a@b, c@d\r\n\r\nhi\r\n--x\r\n'
    b'Content-Type: image/png\r\nContent-Disposition: attachment; filename="a)b"\r\n\r\nx\r\n--x--\r\n'
)


def test_nested() -> None:
    """Extension data goes at every level; envelopes inside stay as they are, literals too."""
    body = without_extensions(parse(NESTED).structure)
    assert b'(("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 1 0)("message" "rfc822" NIL NIL NIL "7bit" ' in body
    assert body.endswith(b'("image" "png" NIL NIL NIL "7bit" 1) "mixed")')
    assert b'((NIL NIL "a" "b")(NIL NIL "c" "d"))' in body


def test_single() -> None:
    """A text keeps its lines, anything else ends with its size."""
    assert without_extensions(parse(b"\r\na\r\n").structure).endswith(b'"7bit" 3 1)')
    assert without_extensions(parse(b"Content-Type: a/b\r\n\r\na\r\n").structure).endswith(b'"7bit" 3)')
