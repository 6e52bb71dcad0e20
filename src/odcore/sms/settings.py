"""Settings of the gateway for text messages."""

from typing import Annotated

import msgspec

from odcore.config.types import SecretFile


class SmsSettings(msgspec.Struct, frozen=True):
    """Which gateway, and how it is asked."""

    url: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^(https://[^/{]+.*|http://(127\.0\.0\.1|localhost)[:/].*)?$",
            description="Where the gateway is asked, by HTTPS; empty: messages stay in the local outbox.",
        ),
    ] = ""
    body: Annotated[
        str,
        msgspec.Meta(
            description="What is sent there by POST, a form or (when it begins with a brace) JSON; empty: GET."
        ),
    ] = ""
    header: Annotated[str, msgspec.Meta(description='One more header, such as "Authorization: Bearer {key}".')] = ""
    key: Annotated[SecretFile, msgspec.Meta(description="File with the gateway's key.")] = SecretFile("")
    success: Annotated[
        str, msgspec.Meta(description="What the answer holds when the message was taken; empty: status 200 says it.")
    ] = ""
    templates: Annotated[
        dict[str, str],
        msgspec.Meta(description="Ids under which texts are registered (DLT), by name and language: code.or."),
    ] = {}
    texts: Annotated[
        dict[str, str],
        msgspec.Meta(description="The texts as they were registered, by the same names, where they differ from ours."),
    ] = {}
