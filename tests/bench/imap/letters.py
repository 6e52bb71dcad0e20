"""The messages of the IMAP measurements: those of `bench.mail`, each with a word of its own in its text."""

from collections.abc import Iterator

from bench.mail import letters


def letter(number: int, to: str) -> bytes:
    """The message with this number; only its text holds the word of its number."""
    octets = letters.letter(number, to)
    last = octets.rindex(b"\r\n", 0, -2) + 2
    return octets[:last] + word(number) + b" is the file.\r\n"


def word(number: int) -> bytes:
    """In the text of one message."""
    return b"KHD/REV/%06d" % number


def series(count: int, to: str, first: int = 0) -> Iterator[bytes]:
    """Messages with ascending numbers."""
    return (letter(number, to) for number in range(first, first + count))
