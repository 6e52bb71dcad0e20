"""What an administrator may set for taking mail in and handing it on."""

from typing import Annotated

import msgspec

from odcore.config.types import HostPort, Size


class DeliverySettings(msgspec.Struct, frozen=True):
    """Limits of what comes in, and the way to the outside."""

    max_size: Annotated[Size, msgspec.Meta(description="The largest message taken in.")] = Size(50 << 20)
    max_recipients: Annotated[int, msgspec.Meta(ge=100, description="Recipients of one message.")] = 1000
    least_free: Annotated[
        Size, msgspec.Meta(description="With less than this free on the disk, no mail is taken in until there is more.")
    ] = Size(256 << 20)
    quota: Annotated[
        Size, msgspec.Meta(description="What a mailbox may hold when the directory says nothing; 0 for no limit.")
    ] = Size(0)
    recipients_per_hour: Annotated[
        int,
        msgspec.Meta(
            ge=0, description="Recipients one person may write to within an hour; beyond, mail is held. 0: any."
        ),
    ] = 1000
    contractor_mark: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^[!-~]{0,40}$",
            description="Put in front of the subject of what contractors send; empty: nothing.",
        ),
    ] = "[Contractor]"
    relay: Annotated[
        HostPort | None, msgspec.Meta(description="Hand all mail for the outside to this server instead of using MX.")
    ] = None
    relay_login: Annotated[str, msgspec.Meta(description="Sign in there as; empty for no sign-in.")] = ""
    relay_password_file: Annotated[str, msgspec.Meta(description="File with the password for it.")] = ""
    dane: Annotated[
        str,
        msgspec.Meta(
            pattern="^(auto|on|off)$",
            description="Check servers by TLSA records. It takes resolvers that validate, and a safe way to them; "
            "auto: when all are at 127.0.0.1 or ::1.",
        ),
    ] = "auto"
    exchangers: Annotated[
        tuple[str, ...],
        msgspec.Meta(description="Names of the servers that take mail for our domains; empty: this one alone."),
    ] = ()
    mta_sts: Annotated[
        str,
        msgspec.Meta(
            pattern="^(off|testing|enforce)$",
            description="The MTA-STS policy of our domains: others send only by TLS, and only to exchangers. "
            "It counts once the records that odmail doctor --dns prints are in the DNS.",
        ),
    ] = "testing"
    forward_to: Annotated[
        tuple[str, ...],
        msgspec.Meta(
            description="Domains of other servers of the same government: filters may redirect to them, as to ours."
        ),
    ] = ()
    at_once: Annotated[int, msgspec.Meta(ge=1, description="Conversations with other servers at one time.")] = 100
    at_once_each: Annotated[int, msgspec.Meta(ge=1, description="Of these, with the servers of one domain.")] = 5
