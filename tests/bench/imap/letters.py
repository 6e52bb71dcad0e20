"""The messages of the IMAP measurements: those of `bench.mail`, each with a word of its own in its text."""

from collections.abc import Iterator

from bench.mail import letters
from bench.mail.letters import SIZE


def letter(number: int, to: str, size: int = SIZE) -> bytes:
    """The message with this number; only its text holds the word of its number."""
    octets = letters.letter(number, to, size)
    last = octets.rindex(b"\r\n", 0, -2) + 2
    return octets[:last] + word(number) + b" is the file.\r\n"


def word(number: int) -> bytes:
    """In the text of one message."""
    return b"KHD/REV/%06d" % number


def series(count: int, to: str, size: int = SIZE) -> Iterator[bytes]:
    """Messages with ascending numbers."""
    return (letter(number, to, size) for number in range(count))
