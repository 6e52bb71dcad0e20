"""Settings of SMTP, serving and sending."""

from typing import Annotated

import msgspec


class ServerSettings(msgspec.Struct, frozen=True):
    """How this node's SMTP servers treat their clients."""

    idle_seconds: Annotated[
        int, msgspec.Meta(ge=1, description="A client that completes no command for this long is closed.")
    ] = 300
    least_rate: Annotated[
        int, msgspec.Meta(ge=1, description="Octets a second below which a message on its way in is given up.")
    ] = 500
    connections: Annotated[int, msgspec.Meta(ge=1, description="Open connections per process and service.")] = 2000
    connections_per_address: Annotated[
        int, msgspec.Meta(ge=1, description="Of these, from one client address (IPv6: one /64).")
    ] = 30
    connections_per_minute: Annotated[
        int,
        msgspec.Meta(ge=0, description="New connections from one client address within a minute; 0 for any number."),
    ] = 300


class SenderSettings(msgspec.Struct, frozen=True):
    """How this node talks to other people's SMTP servers."""

    connect_seconds: Annotated[int, msgspec.Meta(ge=1, description="Patience for a connection to open.")] = 30
    reply_seconds: Annotated[
        int, msgspec.Meta(ge=1, description="Patience for a reply; five times that after the end of a message.")
    ] = 120
    reuse_seconds: Annotated[
        int, msgspec.Meta(ge=0, description="How long an idle connection is kept for another message; 0 for never.")
    ] = 5
    chunking: Annotated[bool, msgspec.Meta(description="Send by BDAT where the peer offers CHUNKING.")] = False
