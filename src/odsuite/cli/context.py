"""What commands share: settings and the parts of the suite, each made when first asked for."""

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from odcore.bus.client import Publisher
from odcore.errors import Fault, Kind
from odsuite import owner
from odsuite.settings import Settings, read

if TYPE_CHECKING:
    from odcore.audit.trail import Trail
    from odcore.directory.admin import Admin
    from odcore.directory.ldap import LdapDirectory
    from odcore.identity.uses import Uses
    from odcore.net.dns import Dns
    from odmail.delivery.moderation import Moderation
    from odmail.delivery.steering import Steering
    from odmail.history.store import History
    from odmail.mailbox.store import Store
    from odmail.queue.store import SqliteQueue
    from odmail.reports.store import Reports
    from odmail.trust.dkim_keys import Keys
    from odsuite.build import Parts
    from odsuite.foundation import Foundation
    from odweb.house import House


class Context:
    """Given to each command by `@click.pass_obj`."""

    def __init__(self, config: Path) -> None:
        self.config = config
        who = os.environ.get("SUDO_USER") or owner.name(os.getuid())
        self.actor = f"cli:{who}"
        """Who is at the keyboard, for the audit trail: the system account's name."""

    @cached_property
    def settings(self) -> Settings:
        """Read from the configuration file; from then on this process is the owner of the data, whoever began it."""
        settings = read(self.config)
        owner.step_down(settings.root)
        return settings

    @cached_property
    def bus(self) -> Publisher:
        """Tells the running suite, if one runs."""
        return Publisher(self.settings.bus)

    @cached_property
    def parts(self) -> "Parts":
        """Loaded late: most commands need none of them."""
        from odsuite.build import Parts

        self._require_data()
        return Parts(self.settings, self.bus.publish)

    @cached_property
    def foundation(self) -> "Foundation":
        """What directory and audit trail need, loaded in half the time."""
        from odsuite.foundation import Foundation

        self._require_data()
        return Foundation(self.settings, self.bus.publish)

    @cached_property
    def house(self) -> "House":
        """What the pages stand upon: their own use cases may be imported from here on."""
        from odsuite.web import house_of
        from odweb.project.application import prepare

        house = house_of(self.parts)
        prepare(house)
        return house

    def _require_data(self) -> None:
        if not self.settings.root.is_dir():
            raise Fault(Kind.NOT_FOUND, f"There is no data folder {self.settings.root} yet: odmail serve fills it.")

    @property
    def audit(self) -> "Trail":
        """The append-only trail."""
        return self.foundation.trail

    @property
    def uses(self) -> "Uses":
        """When devices were last used."""
        return self.foundation.uses

    @property
    def directory(self) -> "LdapDirectory":
        """Look-ups."""
        return self.foundation.directory

    @cached_property
    def admin(self) -> "Admin":
        """Changes of the directory, in the name of whoever is at the keyboard."""
        return self.foundation.admin(self.actor)

    @property
    def store(self) -> "Store":
        """All mailboxes of this node."""
        return self.parts.store

    @property
    def queue(self) -> "SqliteQueue":
        """The node's queue."""
        return self.parts.queue

    @property
    def history(self) -> "History":
        """What became of each message."""
        return self.parts.history

    @property
    def moderation(self) -> "Moderation":
        """Lets posts to moderated lists through, or not."""
        return self.parts.moderation

    @cached_property
    def steering(self) -> "Steering":
        """What changes the queue, in the name of whoever is at the keyboard."""
        return self.parts.steering(self.actor)

    @property
    def dkim_keys(self) -> "Keys":
        """What outgoing mail is signed with."""
        return self.parts.dkim_keys

    @property
    def resolver(self) -> "Dns":
        """The DNS, as the suite asks it."""
        return self.parts.resolver

    @property
    def reports(self) -> "Reports":
        """What others tell of our mail and TLS."""
        return self.parts.reports

    def close(self) -> None:
        """What was opened."""
        for made in ("parts", "foundation"):
            if made in self.__dict__:
                getattr(self, made).close()
