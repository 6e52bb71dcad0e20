"""Messages of a usual kind: 4 KiB of plain text, one in ten in Odia, each with its own subject and id."""

SIZE = 4096

_HEADER = """\
Received: from mx{n}.elsewhere.example (mx.elsewhere.example [192.0.2.{octet}])\r
\tby mail.bench.example with ESMTPS id {n:08x}\r
\tfor <{to}>; Mon, 23 Nov 2026 10:{minute:02}:00 +0530\r
Date: Mon, 23 Nov 2026 10:{minute:02}:00 +0530\r
From: "Sender {n}" <sender{octet}@elsewhere.example>\r
To: Recipient <{to}>\r
Subject: {subject} {n}\r
Message-ID: <{n}.bench@elsewhere.example>\r
References: <{parent}.bench@elsewhere.example>\r
MIME-Version: 1.0\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: 8bit\r
\r
"""
_ENGLISH = "The quarterly report on relief works is due at the Collectorate by the end of the week.\r\n"
_ODIA = "ତ୍ରୈମାସିକ ରିପୋର୍ଟ ସପ୍ତାହ ଶେଷ ସୁଦ୍ଧା ଜିଲ୍ଲାପାଳଙ୍କ କାର୍ଯ୍ୟାଳୟରେ ଦାଖଲ କରିବାକୁ ହେବ।\r\n"


def letter(number: int, to: str, size: int = SIZE) -> bytes:
    """The message with this number."""
    is_odia = number % 10 == 0
    head = _HEADER.format(
        n=number,
        to=to,
        octet=number % 250 + 1,
        minute=number % 60,
        parent=number - number % 5,
        subject="=?utf-8?b?4KyT4Kyh4Ky84Ky/4KyG?=" if is_odia else "Report",
    ).encode()
    line = (_ODIA if is_odia else _ENGLISH).encode()
    return head + line * ((size - len(head)) // len(line))
