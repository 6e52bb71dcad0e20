"""What an administrator may set for the queue."""

from typing import Annotated

import msgspec

from odcore.config.types import Duration


class QueueSettings(msgspec.Struct, frozen=True):
    """How long the queue is patient."""

    lifetime: Annotated[
        Duration, msgspec.Meta(description="A message that could not be delivered for this long goes back.")
    ] = Duration(5 * 86400)
    delay_notice: Annotated[
        Duration, msgspec.Meta(description="After this long the sender is told of a delay; 0 for never.")
    ] = Duration(4 * 3600)
