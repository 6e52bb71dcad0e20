"""Takes in what a client still sends though it was refused, so that the answer arrives.  RFC 9112 9.6

The server under us closes a connection on which more octets come than were read. That resets it, and a reset may
overtake the answer. So the rest is read before the answer goes out: up to a bound, for a short time, of few requests at
a time, and by threads of their own: whoever stops sending holds one. Where there is more, the answer goes out at once,
for those who look for it.
"""

from collections.abc import Iterable
from threading import BoundedSemaphore, Thread

from odcore.web.body import STEP, Source
from odcore.web.mount import App, Environ, StartResponse

_MOST = 16 << 20
"""Octets of one request."""

_LONGEST = 10.0
"""Seconds that an answer waits."""


class Lingering:
    """A WSGI application in front of another; `most` requests at a time may linger."""

    def __init__(self, app: App, most: int, longest: float = _LONGEST) -> None:
        self._app = app
        self._longest = longest
        self._room = BoundedSemaphore(most)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        watched = environ["wsgi.input"] = _Watched(environ["wsgi.input"], _length(environ))
        waits = "100-continue" in environ.get("HTTP_EXPECT", "").lower()  # it has not sent anything before we read
        answer = self._app(environ, start_response)
        if 0 < watched.left <= _MOST and (watched.begun or not waits) and self._room.acquire(blocking=False):
            taking = Thread(target=self._take, args=(watched,), name="linger", daemon=True)
            taking.start()
            taking.join(self._longest)
        return answer

    def _take(self, watched: "_Watched") -> None:
        """All that is left. The server ends it with the connection."""
        try:
            while watched.left > 0 and watched.read(STEP):
                pass
        finally:
            self._room.release()


class _Watched:
    """The server's `wsgi.input`; how much of it is `left` at most."""

    def __init__(self, source: Source, length: int) -> None:
        self._source = source
        self.left = length
        self.begun = False

    def read(self, size: int = -1, /) -> bytes:
        self.begun = True
        octets = self._source.read(size)
        self.left = self.left - len(octets) if octets else 0
        return octets


def _length(environ: Environ) -> int:
    """As announced; nobody knows how long a chunked body is, and what is no length is for others to refuse."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        return _MOST
    text = environ.get("CONTENT_LENGTH", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
