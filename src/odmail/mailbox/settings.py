"""What the mail store cannot know by itself."""

from typing import Annotated

import msgspec


class MailboxSettings(msgspec.Struct, frozen=True):
    """Each worker process keeps to these on its own."""

    open_accounts: Annotated[
        int,
        msgspec.Meta(ge=1, description="Account databases a process keeps open; each takes up to six file handles."),
    ] = 128
