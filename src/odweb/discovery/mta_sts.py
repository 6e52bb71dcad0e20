"""What we ask of those who send mail to us: our MTA-STS policy.  RFC 8461 3.3

Asked for at `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`. Whoever asks under another name, or for a domain that is
not ours, learns nothing: a policy of ours must not bind a domain whose mail goes elsewhere.
"""

from collections.abc import Callable, Iterable

from odcore.errors import Fault, Kind
from odcore.web.mount import App, Environ, StartResponse
from odmail.transport.sts import Policy

PATH = "/.well-known/mta-sts.txt"


def app(policy_of: Callable[[str], Policy | None]) -> App:
    """A WSGI application; `policy_of` a domain is asked each time, for domains come and go."""

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        label, _, domain = environ.get("HTTP_HOST", "").partition(":")[0].lower().partition(".")
        policy = policy_of(domain) if label == "mta-sts" else None
        if policy is None:
            raise Fault(Kind.NOT_FOUND, "There is no policy for this name.")
        octets = "".join(f"{line}\r\n" for line in policy.lines()).encode()
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(octets)))])
        return [octets]

    return answer
