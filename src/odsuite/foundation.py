"""Composition of what mail, collections and pages stand upon: directory, identity, sharing, audit."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from odcore.audit.trail import Trail
from odcore.config.types import Network
from odcore.directory.admin import Admin
from odcore.directory.connection import Link
from odcore.directory.ldap import LdapDirectory
from odcore.directory.ops.device import revoke
from odcore.directory.slapd import Slapd
from odcore.identity.access import DirectoryAccess
from odcore.identity.api import Principal
from odcore.identity.presence import Presence
from odcore.identity.signin import LdapSignIn
from odcore.identity.throttle import Throttle
from odcore.identity.uses import Uses
from odcore.net.dns import Dns
from odcore.net.outside import Outside
from odcore.net.tls import client_context
from odcore.sharing.access import DirectorySharing
from odcore.sharing.api import COLLECTIONS, FILES
from odcore.sharing.register import SqliteRegister
from odsuite.settings import Settings

Publish = Callable[[msgspec.Struct], None]


class _Closable(Protocol):
    def close(self) -> None: ...


Part = TypeVar("Part", bound=_Closable)


def slapd(settings: Settings) -> Slapd:
    """The private directory's server."""
    return Slapd(settings.root / "directory", settings.directory)


class Foundation:
    """The directory, who may do what, and the audit trail; each made when first asked for."""

    def __init__(self, settings: Settings, publish: Publish) -> None:
        self.settings = settings
        self.publish = publish
        self._closing: list[Callable[[], None]] = []

    @property
    def root(self) -> Path:
        """The data folder."""
        return self.settings.root

    @cached_property
    def link(self) -> Link:
        """Connections to the directory."""
        return self._keep(Link(self.settings.directory, self.root / "directory"))

    @cached_property
    def directory(self) -> LdapDirectory:
        """Look-ups."""
        return LdapDirectory(self.link)

    @cached_property
    def resolver(self) -> Dns:
        """The DNS, with one cache for the process."""
        trusted = {"on": True, "off": False}.get(self.settings.delivery.dane)
        return Dns(self.settings.filter.nameservers, trusted=trusted)

    def outside(self, hosts: tuple[str, ...], networks: tuple[Network, ...]) -> Outside:
        """Hosts that a section of the settings allows to be asked."""
        return Outside(lambda host: self.resolver.addresses(host), hosts, networks, client_context())

    def admin(self, actor: str) -> Admin:
        """What changes the directory, in the name of `actor`."""
        return Admin(self.directory, self.link, self.trail.record, self.publish, actor)

    @cached_property
    def trail(self) -> Trail:
        """The audit trail."""
        return self._keep(Trail(self.root / "audit"))

    @cached_property
    def access(self) -> DirectoryAccess:
        """Who may act as whom."""
        return DirectoryAccess(self.directory, self.register)

    @cached_property
    def register(self) -> SqliteRegister:
        """The register of grants."""
        return self._keep(SqliteRegister(self.root / "sharing", self.publish))

    @cached_property
    def sharing(self) -> DirectorySharing:
        """Which mail is shared with whom."""
        return DirectorySharing(self.directory, self.register, self.access)

    @cached_property
    def file_sharing(self) -> DirectorySharing:
        """Which folders are shared with whom."""
        return DirectorySharing(self.directory, self.register, self.access, FILES)

    @cached_property
    def collection_sharing(self) -> DirectorySharing:
        """Which calendars and address books are shared with whom."""
        return DirectorySharing(self.directory, self.register, self.access, COLLECTIONS)

    @cached_property
    def sign_in(self) -> LdapSignIn:
        """Checks credentials."""
        return LdapSignIn(
            self.directory,
            self.link,
            self.throttle,
            self.trail.record,
            self.settings.identity,
            self._revoke,
            self.uses.note,
        )

    def _revoke(self, principal: Principal) -> None:
        """What an app that is refused came with."""
        device = self.directory.device_password(principal.person, principal.device)
        revoke(self.admin("policy"), principal.person, device)

    @cached_property
    def uses(self) -> Uses:
        """When devices were last used."""
        return self._keep(Uses(self.root / "audit"))

    @cached_property
    def presence(self) -> Presence:
        """Open sessions of this process."""
        return Presence(self.settings.identity.sessions)

    @cached_property
    def throttle(self) -> Throttle:
        """Slows down guessing."""
        return Throttle(publish=self.publish)

    def close(self) -> None:
        """What was opened, the last first."""
        while self._closing:
            self._closing.pop()()

    def _keep(self, part: Part) -> Part:
        self._closing.append(part.close)
        return part
