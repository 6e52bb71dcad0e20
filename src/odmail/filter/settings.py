"""Settings of the checks that incoming mail has to pass."""

from typing import Annotated

import msgspec

from odcore.config.types import Network


class FilterSettings(msgspec.Struct, frozen=True):
    """What mail from outside has to pass. A client in `trusted` is looked at only for what it brings."""

    dns: Annotated[
        bool, msgspec.Meta(description="Ask the DNS about senders: SPF, DKIM, DMARC, ARC, names, blocklists.")
    ] = True
    nameservers: Annotated[
        tuple[str, ...], msgspec.Meta(description="Resolvers to ask, ADDRESS or ADDRESS:PORT; empty: the system's.")
    ] = ()
    trusted: Annotated[
        tuple[Network, ...],
        msgspec.Meta(description="Networks of our own gateways; who sent a message is not asked of them."),
    ] = (Network("127.0.0.0/8"), Network("::1/128"))
    sealers: Annotated[
        tuple[str, ...],
        msgspec.Meta(description="Domains whose ARC seals are believed: lists and forwarders of good repute."),
    ] = ()
    messages_per_minute: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            description="Of one client within a minute and process; each five recipients count as one; 0: any number.",
        ),
    ] = 1200
    blocklists: Annotated[
        tuple[str, ...], msgspec.Meta(description="DNS zones of blocklists; clients listed there are refused.")
    ] = ()
    allowlists: Annotated[
        tuple[str, ...],
        msgspec.Meta(description="DNS zones of allowlists; clients listed there are never made to wait."),
    ] = ()
    greylist: Annotated[
        str,
        msgspec.Meta(
            pattern="^(off|suspicious|all)$",
            description="Whose first message has to wait: nobody's, that of senders nothing speaks for, everybody's.",
        ),
    ] = "suspicious"
    junk_score: Annotated[float, msgspec.Meta(description="From this score on a message goes into Junk.")] = 5.0
    refuse_score: Annotated[float, msgspec.Meta(description="From this score on it is refused.")] = 15.0
    refuse_attachments: Annotated[
        tuple[str, ...],
        msgspec.Meta(description="Kinds refused: executable, macro, disguised, image (of a disk), encrypted, bomb."),
    ] = ("executable", "macro", "disguised", "image", "bomb")
    junk_attachments: Annotated[
        tuple[str, ...], msgspec.Meta(description="Kinds that go into Junk; all others pass.")
    ] = ("encrypted",)
    clamav: Annotated[
        str, msgspec.Meta(description="ClamAV's socket: a path or ADDRESS:PORT; empty: no virus scanner.")
    ] = ""
    rspamd: Annotated[str, msgspec.Meta(description="URL of rspamd's worker, http://127.0.0.1:11333; empty: none.")] = (
        ""
    )
    scanners_down: Annotated[
        str,
        msgspec.Meta(
            pattern="^(defer|accept)$",
            description="When ClamAV does not answer: let mail wait at its sender, or accept it unscanned.",
        ),
    ] = "defer"
