"""What only the house can decide about past tenures."""

from typing import Annotated

import msgspec

from odcore.config.types import Duration


class TenureSettings(msgspec.Struct, frozen=True):
    """What becomes of what a post has when its holder leaves."""

    readers: Annotated[
        str,
        msgspec.Meta(
            pattern="^(holders|nobody)$",
            description="Who reads and searches sealed tenures on the pages: holders (of the post, now) or nobody.",
        ),
    ] = "holders"
    keep: Annotated[
        Duration,
        msgspec.Meta(
            description="How long a sealed tenure is kept from the end of the charge on; 0 for good. What is over is "
            "told to the agency, and goes when somebody destroys it with an order."
        ),
    ] = Duration(0)
    former: Annotated[
        str,
        msgspec.Meta(
            pattern="^(nothing|inform|forward)$",
            description="What mail to a post without a rule of its own does besides after its holder left. inform: its "
            "sender is told once who holds it now; forward: what names the former holder reaches that person, too.",
        ),
    ] = "nothing"
    former_for: Annotated[Duration, msgspec.Meta(description="For how long it does.")] = Duration(30 * 86400)
