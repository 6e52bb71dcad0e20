"""What subscribed calendars cannot know by themselves."""

from typing import Annotated

from msgspec import Meta, Struct

from odcore.config.types import Network


class SubscriptionSettings(Struct, frozen=True):
    """Calendars of others on the web, shown beside the own ones."""

    hosts: Annotated[
        tuple[str, ...],
        Meta(description="Hosts they may come from, by HTTPS: a name, or name:port. Empty: nobody subscribes."),
    ] = ()
    networks: Annotated[
        tuple[Network, ...],
        Meta(
            description="Networks of the house in which such a host may lie; else only addresses of the internet count."
        ),
    ] = ()
