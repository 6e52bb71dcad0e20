"""What an administrator may set for reports."""

from typing import Annotated

import msgspec


class ReportsSettings(msgspec.Struct, frozen=True):
    """Reports to other domains."""

    send: Annotated[
        bool,
        msgspec.Meta(
            description="Tell domains that ask for it, once a day, what came in their name (DMARC) and how TLS with "
            "their servers went (TLS-RPT)."
        ),
    ] = True
