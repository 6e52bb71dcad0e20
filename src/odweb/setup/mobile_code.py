"""What Thunderbird for Android reads from a picture.  Thunderbird "Export for Mobile", version 1 of 2025-02-06"""

import json

from odweb.discovery.mobileconfig import Owner
from odweb.discovery.services import Services

_VERSION, _PART, _PARTS = 1, 1, 1
_IMAP, _SMTP, _TLS, _PASSWORD = 0, 0, 3, 1


def payload(services: Services, owner: Owner) -> str:
    """The JSON text; "" for addresses and hosts the format cannot hold, and where a service is not offered."""
    if not (services.host.isascii() and owner.address.isascii() and services.imaps and services.submissions):
        return ""
    incoming = [_IMAP, services.host, services.imaps, _TLS, _PASSWORD, owner.address, owner.address, owner.password]
    outgoing = [_SMTP, services.host, services.submissions, _TLS, _PASSWORD, owner.address, owner.password]
    whole = [_VERSION, [_PART, _PARTS], incoming, [[outgoing, [owner.address, owner.name]]]]
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
