"""Parts of parts: any `<offset.length>` of any section is the slice it says."""

import base64
import quopri
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmail.imap.binary import Decoded
from odtest.talk import Talk

SECTIONS = (
    *("BODY.PEEK[]", "BODY.PEEK[TEXT]", "BODY.PEEK[HEADER]", "BODY.PEEK[HEADER.FIELDS (Subject X-Long)]"),
    *("BODY.PEEK[HEADER.FIELDS.NOT (Subject)]", "BODY.PEEK[1]", "BODY.PEEK[1.MIME]", "BODY.PEEK[2]"),
    *("BODY.PEEK[2.HEADER]", "BODY.PEEK[2.TEXT]", "BODY.PEEK[2.1]"),
    *("BINARY.PEEK[1]", "BINARY.PEEK[2]", "BINARY.PEEK[3]", "BINARY.PEEK[]"),
)
MESSAGE = (
    b"Subject: parts\r\nX-Long: " + b"x" * 50 + b"\r\n y\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
    base64.encodebytes(bytes(range(256))).replace(b"\n", b"\r\n") +
    b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner text\r\n"
    b"--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3Db  \r\nsoft=\r\n break =E0=AC=93\r\n--b--\r\n"
)  # fmt: skip


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    talk = Talk(tmp_path_factory.mktemp("partial"))
    talk.put(MESSAGE)
    talk.say(b"SELECT INBOX")
    yield talk
    talk.close()


@given(st.sampled_from(SECTIONS), st.integers(0, 600), st.integers(1, 600))
def test_slice(talk: Talk, section: str, offset: int, length: int) -> None:
    """`<offset.length>` of a section is that slice of the section."""
    whole = talk.literal(section.encode())
    assert whole is not None
    assert talk.literal(b"%b<%d.%d>" % (section.encode(), offset, length)) == whole[offset : offset + length]


def test_whole(talk: Talk) -> None:
    """The message is what was put there; its parts are what they decode to."""
    assert talk.literal(b"BODY.PEEK[]") == MESSAGE
    assert talk.literal(b"BINARY.PEEK[1]") == bytes(range(256))
    assert talk.literal(b"BINARY.PEEK[3]") == b"a=b\r\nsoft break \xe0\xac\x93"


class Octets:
    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self.size = len(octets)

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        return self._octets[offset:] if length < 0 else self._octets[offset : offset + length]


@given(st.binary(max_size=2000), st.sampled_from(("base64", "quoted-printable")), st.integers(1, 40), st.data())
def test_decoded(octets: bytes, encoding: str, step: int, data: st.DataObject) -> None:
    """A part decoded piece by piece, however small the pieces, is what was encoded; wherever one starts to read."""
    if encoding == "base64":
        encoded = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    else:
        encoded = quopri.encodestring(octets, quotetabs=True).replace(b"\r", b"=0D").replace(b"\n", b"\r\n")
        octets = octets.replace(b"\n", b"\r\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("odmail.imap.binary._PIECE", step)
        patch.setattr("odmail.imap.binary._LONG_LINE", 60)
        decoded = Decoded(Octets(encoded), 0, len(encoded), encoding)
        assert decoded.size == len(octets)
        for _ in range(3):
            offset = data.draw(st.integers(0, len(octets)))
            length = data.draw(st.integers(0, len(octets)))
            assert decoded.read(offset, length) == octets[offset : offset + length]
