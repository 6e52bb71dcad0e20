"""Where calendars and contacts are: one canonical address, whichever way a client asks.  RFC 6764 5, RFC 8615"""

from collections.abc import Iterable

from odcore.web.mount import App, Environ, StartResponse

PATHS = ("/.well-known/caldav", "/.well-known/carddav", "/remote.php/dav")
"""The last one is where apps look that were let in by Login Flow: it is Nextcloud's."""


def redirect(target: str) -> App:
    """308 keeps the method: clients ask with PROPFIND, and without signing in."""

    def answer(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("308 Permanent Redirect", [("Location", target), ("Content-Length", "0")])
        return [b""]

    return answer
