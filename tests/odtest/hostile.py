"""Messages made to hurt whoever takes them apart: A23, A24."""


def deep_parts(kind: str, count: int) -> bytes:
    """So many parts inside (or, `wide`, beside) one another, from the Content-Type on."""
    numbers = range(count)
    if kind == "rfc822":
        return b"Content-Type: message/rfc822\r\n\r\n" * count + b"Subject: deepest\r\n\r\ndeep\r\n"
    if kind == "alternating":
        return b"".join(_opened(n) + b"Content-Type: message/rfc822\r\n\r\n" for n in numbers[::2])
    if kind == "wide":
        return _opened(0) + b"\r\nx\r\n--b0\r\n" * count
    opened = b"".join(map(_opened, numbers))
    return opened if kind == "multipart" else opened + b"\r\ndeep\r\n" + b"".join(map(_closed, reversed(numbers)))


def _opened(number: int) -> bytes:
    return b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number)


def _closed(number: int) -> bytes:
    return b"\r\n--b%d--\r\n" % number


def many_fields(count: int) -> bytes:
    """Header fields."""
    return b"".join(b"X-%d: y\r\n" % number for number in range(count))
