"""What only the house can decide about past tenures."""

from typing import Annotated

import msgspec


class TenureSettings(msgspec.Struct, frozen=True):
    """What becomes of a post's mail when its holder leaves."""

    readers: Annotated[
        str,
        msgspec.Meta(
            pattern="^(holders|nobody)$",
            description="Who reads and searches sealed tenures on the pages: holders (of the post, now) or nobody.",
        ),
    ] = "holders"
