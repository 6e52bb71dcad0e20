"""What those who subscribe are told, and what they may ask for: the port that CalDAV and CardDAV see."""

from collections.abc import Callable

import msgspec

from odcore.ids import AccountId


class Offer(msgspec.Struct, frozen=True):
    """Of a site that pushes."""

    public_key: str  # RFC 8292 3.2, in base64url
    services: tuple[str, ...]  # hosts that may be told
    mark: Callable[[AccountId], None]  # somebody is to be told of changes of this account; before that is written
