"""What strangers write into reports, made harmless: one line, printable, not long; numbers within bounds."""

_LONGEST = 255
_MOST = 1 << 40
_LATEST = 1 << 35


def text(value: object) -> str:
    """One line of printable letters; "" for what is none."""
    line = " ".join(value[: _LONGEST * 4].split()) if isinstance(value, str) else ""
    return "".join(letter if letter.isprintable() else "?" for letter in line[:_LONGEST])


def word(value: object) -> str:
    """A name or keyword, in lower case."""
    return text(value).lower()


def number(value: object) -> int:
    """How many. Raises ValueError for what is no number."""
    found = value if isinstance(value, int) else int(str(value or "").strip()[:20])
    if not 0 <= found <= _MOST:
        raise ValueError(f"{found} is not a number of messages")
    return found


def instant(value: object) -> int:
    """Seconds since the epoch. Raises ValueError."""
    found = number(value)
    if found > _LATEST:
        raise ValueError(f"{found} is no time")
    return found
