"""What we ask of those who send mail to us: our MTA-STS policy.  RFC 8461 3.3

Asked for at `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`, the same for each of our domains.
"""

from collections.abc import Iterable

from odcore.web.mount import App, Environ, StartResponse
from odmail.transport.sts import Policy

PATH = "/.well-known/mta-sts.txt"


def app(policy: Policy) -> App:
    """A WSGI application."""
    octets = "".join(f"{line}\r\n" for line in policy.lines()).encode()

    def answer(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(octets)))])
        return [octets]

    return answer
