"""What signing in cannot know by itself."""

from typing import Annotated

from msgspec import Meta, Struct

from odcore.config.types import Network
from odcore.identity.presence import MOST


class IdentitySettings(Struct, frozen=True, kw_only=True):
    """Rules for signing in with mail and calendar apps."""

    directory_password: Annotated[
        bool,
        Meta(description="Let apps sign in with the directory password; off: it is for web pages only."),
    ] = True
    refused_clients: Annotated[
        tuple[str, ...],
        Meta(
            description="Names of apps that hand passwords and mail to a foreign cloud, as IMAP ID or EHLO says them; "
            "* stands for anything. They are turned away."
        ),
    ] = (
        "Microsoft Office 365*",
        "Outlook-iOS*",
        "Outlook-Android*",
        "Outlook for *",
        "*.prod.outlook.com",
        "*.outbound.protection.outlook.com",
    )
    refused_networks: Annotated[
        tuple[Network, ...], Meta(description="Networks that such apps come from, such as 198.51.100.0/24.")
    ] = ()
    help_link: Annotated[
        str, Meta(description="Page that tells which apps may be used; it is named to those who are turned away.")
    ] = ""
    own_photo: Annotated[
        bool,
        Meta(description="People set their own photograph; else only those who administer their office do."),
    ] = True
    sessions: Annotated[
        int,
        Meta(
            description="Open sessions of one account in one worker process, whatever they speak.",
            ge=20,
        ),
    ] = MOST
    remember: Annotated[
        int, Meta(description="Seconds a successful sign-in is remembered, as a salted digest.", ge=0, le=3600)
    ] = 300
