"""Settings of the IMAP service."""

from typing import Annotated

import msgspec


class ImapSettings(msgspec.Struct, frozen=True):
    """[imap]"""

    max_message: Annotated[int, msgspec.Meta(description="Largest message APPEND takes, in octets.")] = 50 << 20
    max_connections: Annotated[int, msgspec.Meta(description="Open IMAP connections of one worker process.")] = 10_000
    max_per_address: Annotated[int, msgspec.Meta(description="Open IMAP connections from one network address.")] = 200
    idle_timeout: Annotated[int, msgspec.Meta(description="Seconds a signed-in client may be silent.")] = 1800
    login_timeout: Annotated[int, msgspec.Meta(description="Seconds a client may take to sign in.")] = 60
