"""All settings of the suite: the node's own, and the sections of its parts."""

import os
import socket
from pathlib import Path
from typing import Annotated

import msgspec

from odcore.config.load import load
from odcore.config.types import Duration, HostPort, TimeZone
from odcore.directory.settings import DirectorySettings
from odcore.identity.settings import IdentitySettings
from odcore.sharing.settings import SharingSettings
from odcore.sms.settings import SmsSettings
from oddav.drive.settings import DriveSettings
from oddav.feeds.settings import SubscriptionSettings
from oddav.push.settings import PushSettings
from odmail.delivery.settings import DeliverySettings
from odmail.filter.settings import FilterSettings
from odmail.imap.settings import ImapSettings
from odmail.mailbox.settings import MailboxSettings
from odmail.queue.settings import QueueSettings
from odmail.reports.settings import ReportsSettings
from odmail.smtp.settings import SenderSettings, ServerSettings
from odmail.tenure.settings import TenureSettings

Addresses = tuple[HostPort, ...]


class ListenSettings(msgspec.Struct, frozen=True):
    """Where each service listens; an empty list switches it off."""

    mx: Annotated[Addresses, msgspec.Meta(description="SMTP for mail from other servers.")] = (HostPort("*:25"),)
    submission: Annotated[Addresses, msgspec.Meta(description="SMTP for people's own apps, STARTTLS.")] = (
        HostPort("*:587"),
    )
    submissions: Annotated[Addresses, msgspec.Meta(description="The same with TLS from the first octet.")] = (
        HostPort("*:465"),
    )
    imap: Annotated[Addresses, msgspec.Meta(description="IMAP, STARTTLS.")] = (HostPort("*:143"),)
    imaps: Annotated[Addresses, msgspec.Meta(description="IMAP with TLS from the first octet.")] = (HostPort("*:993"),)
    managesieve: Annotated[
        Addresses, msgspec.Meta(description="ManageSieve, STARTTLS: people's apps keep filter scripts there.")
    ] = (HostPort("*:4190"),)
    pop3: Annotated[Addresses, msgspec.Meta(description="POP3, STLS.")] = (HostPort("*:110"),)
    pop3s: Annotated[Addresses, msgspec.Meta(description="POP3 with TLS from the first octet.")] = (HostPort("*:995"),)
    ldaps: Annotated[
        Addresses, msgspec.Meta(description="The directory book over LDAP, with TLS from the first octet.")
    ] = (HostPort("*:636"),)
    https: Annotated[
        Addresses, msgspec.Meta(description="HTTPS: pages, calendars, contacts, drive, and how apps find all this.")
    ] = (HostPort("*:443"),)
    lmtp: Annotated[Addresses, msgspec.Meta(description="LMTP for programs of this machine; trusts who connects.")] = (
        HostPort("127.0.0.1:10024"),
    )
    status: Annotated[Addresses, msgspec.Meta(description="/metrics and /healthz; keep it on loopback.")] = (
        HostPort("127.0.0.1:10990"),
    )


class TlsSettings(msgspec.Struct, frozen=True):
    """Certificates. New files are taken into use within seconds, without a restart."""

    certificate: Annotated[
        str, msgspec.Meta(description="PEM file with the server's certificate and its chain, below `data` if relative.")
    ] = "tls/server.pem"
    key: Annotated[str, msgspec.Meta(description="PEM file with its private key.")] = "tls/server.key"
    extra: Annotated[
        tuple[tuple[str, str], ...],
        msgspec.Meta(description="More pairs of certificate and key, chosen by the name a client asks for (SNI)."),
    ] = ()
    client_ca: Annotated[
        str,
        msgspec.Meta(
            description="PEM file with the authorities, and their revocation lists, whose client certificates sign "
            "people in on the ports with TLS from the first octet; empty: nobody is asked for one."
        ),
    ] = ""


class LogSettings(msgspec.Struct, frozen=True):
    """Log lines go to standard error."""

    style: Annotated[str, msgspec.Meta(pattern="^(console|json)$", description="console or json.")] = "json"
    level: Annotated[
        str, msgspec.Meta(pattern="^(debug|info|warning|error)$", description="The least that is written.")
    ] = "info"


class ProcessSettings(msgspec.Struct, frozen=True):
    """The processes of this node."""

    workers: Annotated[int, msgspec.Meta(ge=0, description="Mail workers; 0 for one per core.")] = 0
    web_workers: Annotated[int, msgspec.Meta(ge=0, description="Processes for HTTPS; 0 for one per core.")] = 0
    threads: Annotated[
        int, msgspec.Meta(ge=1, description="Threads of each process for work that waits for disk or directory.")
    ] = 16
    grace: Annotated[
        Duration, msgspec.Meta(description="How long a stop waits for messages that are just coming in.")
    ] = Duration(30)


class SinkSettings(msgspec.Struct, frozen=True):
    """For demonstrations: a server that plays the outside world and keeps what it gets in `data`/outside."""

    listen: Annotated[Addresses, msgspec.Meta(description="Where; empty for none.")] = ()


class Settings(msgspec.Struct, frozen=True):
    """The whole configuration."""

    hostname: Annotated[
        str,
        msgspec.Meta(description="This server's name, as greetings and Received fields tell it; empty: the system's."),
    ] = ""
    data: Annotated[
        str, msgspec.Meta(description="The folder of all data; relative paths start at this file's folder.")
    ] = "/var/lib/odmail"
    time_zone: Annotated[
        TimeZone,
        msgspec.Meta(
            description="The time zone of the house: of pages, and of whole days and times without a zone in calendars "
            "that say nothing else."
        ),
    ] = TimeZone("Asia/Kolkata")
    process: ProcessSettings = ProcessSettings()
    log: LogSettings = LogSettings()
    listen: ListenSettings = ListenSettings()
    tls: TlsSettings = TlsSettings()
    directory: Annotated[DirectorySettings, msgspec.Meta(description="The LDAP directory.")] = DirectorySettings()
    imap: Annotated[ImapSettings, msgspec.Meta(description="IMAP.")] = ImapSettings()
    smtp: Annotated[ServerSettings, msgspec.Meta(description="SMTP and LMTP servers.")] = ServerSettings()
    sending: Annotated[SenderSettings, msgspec.Meta(description="Talking to other people's servers.")] = (
        SenderSettings()
    )
    identity: Annotated[IdentitySettings, msgspec.Meta(description="Signing in.")] = IdentitySettings()
    sharing: Annotated[SharingSettings, msgspec.Meta(description="Letting others act.")] = SharingSettings()
    mailbox: Annotated[MailboxSettings, msgspec.Meta(description="The mail store.")] = MailboxSettings()
    tenure: TenureSettings = TenureSettings()
    drive: DriveSettings = DriveSettings()
    subscriptions: SubscriptionSettings = SubscriptionSettings()
    push: PushSettings = PushSettings()
    delivery: DeliverySettings = DeliverySettings()
    filter: FilterSettings = FilterSettings()
    reports: ReportsSettings = ReportsSettings()
    queue: Annotated[QueueSettings, msgspec.Meta(description="The queue.")] = QueueSettings()
    sms: Annotated[
        SmsSettings,
        msgspec.Meta(
            description="Text messages. In url, body and header, {number} (91 and ten digits), {mobile} (ten digits), "
            "{text}, {template} and {key} are filled in."
        ),
    ] = SmsSettings()
    sink: SinkSettings = SinkSettings()

    @property
    def root(self) -> Path:
        """The data folder."""
        return Path(self.data)

    @property
    def name(self) -> str:
        """The server's name."""
        return self.hostname or socket.getfqdn()

    @property
    def workers(self) -> int:
        """How many mail workers to start."""
        return self.process.workers or len(os.sched_getaffinity(0))

    @property
    def web_workers(self) -> int:
        """How many processes to start for HTTPS."""
        return self.process.web_workers or len(os.sched_getaffinity(0))

    @property
    def bus(self) -> Path:
        """The hub's socket."""
        return self.root / "run" / "bus.sock"


def read(path: Path) -> Settings:
    """The configuration file, with `data` made absolute."""
    settings = load(path, Settings)
    return msgspec.structs.replace(settings, data=str((path.parent / settings.data).resolve()))
