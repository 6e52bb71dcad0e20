"""What pushes to devices cannot know by themselves."""

from typing import Annotated

from msgspec import Meta, Struct

from odcore.config.types import Network


class PushSettings(Struct, frozen=True):
    """Devices are told of changes in calendars and address books, instead of asking every few minutes (WebDAV-Push)."""

    services: Annotated[
        tuple[str, ...],
        Meta(description="Push services that may be told, by HTTPS: a name, or name:port. Empty: nothing is pushed."),
    ] = ()
    networks: Annotated[
        tuple[Network, ...],
        Meta(
            description="Networks of the house in which such a service may lie; else only addresses of the internet "
            "count."
        ),
    ] = ()
