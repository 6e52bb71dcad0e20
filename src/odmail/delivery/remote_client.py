"""Who handed a message over to us, as scripts may know it.  RFC 5183 4.1"""

import idna
import msgspec

from odmail.queue.model import Origin
from odmail.queue.verdict import Verdict


class RemoteClient(msgspec.Struct, frozen=True):
    """Each "" where it is not known, or is nobody's business."""

    host: str = ""
    ip: str = ""


def remote_client(origin: Origin | None, verdict: Verdict | None) -> RemoteClient:
    """Of our own people nothing is told: where they sit is theirs (as in Received). A name counts if it leads back."""
    if origin is None or origin.person is not None or not origin.address:
        return RemoteClient()
    found = verdict.of("iprev") if verdict else None
    return RemoteClient(_readable(found.name if found else ""), origin.address.partition("%")[0])


def _readable(name: str) -> str:
    """In Unicode, as people write it, whatever the DNS says."""
    try:
        return idna.decode(name.rstrip(".").lower()) if name else ""
    except idna.IDNAError:
        return name.rstrip(".").lower()
