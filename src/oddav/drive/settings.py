"""What the drive cannot know by itself."""

from typing import Annotated

import msgspec

from odcore.config.types import Duration, Size


class DriveSettings(msgspec.Struct, frozen=True):
    """Files over WebDAV."""

    quota: Annotated[
        Size, msgspec.Meta(description="Room for the files of whoever has no quota in the directory; 0: no limit.")
    ] = Size(10 << 30)
    keep: Annotated[
        Duration, msgspec.Meta(description="How long deleted files and former versions of changed ones are kept.")
    ] = Duration(30 * 86400)
