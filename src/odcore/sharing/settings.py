"""What sharing cannot know by itself."""

from typing import Annotated

from msgspec import Meta, Struct


class SharingSettings(Struct, frozen=True, kw_only=True):
    """Policy for letting others act on what is one's own."""

    delegates: Annotated[int, Meta(ge=0, description="People who may be let into all of one account at a time.")] = 2
