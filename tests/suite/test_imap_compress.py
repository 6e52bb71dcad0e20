"""COMPRESS=DEFLATE on a real socket inside TLS: literals both ways, IDLE, pipelining, rubbish.  RFC 4978"""

import os
import zlib

from odtest.daemon import Daemon
from odtest.wire import Wire

BIBHUTI = "bibhuti.das@odisha.example"
ABDUL = "abdul.rahim@odisha.example"


class Compressed(Wire):
    """Everything after COMPRESS goes through deflate."""

    def deflate(self) -> None:
        assert self.ask(b"COMPRESS DEFLATE")[-1].startswith(b"a OK")
        self._in, self._out = zlib.decompressobj(-15), zlib.compressobj(wbits=-15)

    def send(self, *data: bytes) -> bool:
        if not hasattr(self, "_out"):
            return super().send(*data)
        packed = b"".join(map(self._out.compress, data)) + self._out.flush(zlib.Z_SYNC_FLUSH)
        return super().send(packed)

    def _more(self) -> bytes:
        data = super()._more()
        while data and hasattr(self, "_in"):
            if text := self._in.decompress(data):
                return text
            data = super()._more()
        return data


def test_a_compressed_session_does_all_that_a_plain_one_does(house: Daemon):
    with Compressed(house, "imaps") as client:
        client.sign_in(ABDUL)
        client.deflate()
        assert client.ask(b"COMPRESS DEFLATE")[-1].startswith(b"a NO [COMPRESSIONACTIVE]")
        octets = b"Subject: large\r\n\r\n" + os.urandom(400_000).hex().encode()
        client.send(b"a APPEND Archive {%d}\r\n" % len(octets))
        assert client.line().startswith(b"+")
        client.send(octets, b"\r\n")
        assert client.answers()[-1].startswith(b"a OK [APPENDUID")
        client.send(b"a SELECT Archive\r\n", b"b FETCH 1 BODY.PEEK[]\r\n", b"c NOOP\r\n")
        assert client.answers()[-1].startswith(b"a OK")
        assert octets in b"".join(client.answers(b"b"))
        assert client.answers(b"c")[-1].startswith(b"c OK")
        client.ask(b"SELECT INBOX")
        client.send(b"d IDLE\r\n")
        assert client.line().startswith(b"+")
        house.send(BIBHUTI, ABDUL, subject="While it idles")
        assert client.line().endswith(b" EXISTS\r\n")
        client.send(b"DONE\r\n")
        assert client.answers(b"d")[-1].startswith(b"d OK")


def test_what_is_no_deflate_ends_the_session_and_no_other(house: Daemon):
    with Compressed(house, "imaps") as broken, Wire(house, "imaps") as other:
        broken.sign_in(ABDUL)
        broken.deflate()
        Wire.send(broken, b"\xff" * 200)
        Wire.send(broken, b"a NOOP\r\n")
        assert b"BYE" in broken.rest()
        other.sign_in(ABDUL)
        assert other.ask(b"NOOP")[-1].startswith(b"a OK")
