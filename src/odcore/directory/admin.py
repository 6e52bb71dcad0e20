"""What every use case that changes the directory works with: the line, the lookups, the audit trail, the bus."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from odcore.audit.api import Recorder
from odcore.bus.api import DirectoryChanged
from odcore.directory import address
from odcore.directory.connection import Link
from odcore.directory.ldap import LdapDirectory
from odcore.directory.model import Alias, Domain, Group, Office, Person, Post
from odcore.errors import Fault, Kind
from odcore.ids import AccountId

Entry = TypeVar("Entry", Person, Post, Office, Group, Alias, Domain)


class Admin:
    """`actor` is who asks, as the audit trail will name them: "cli:root", or a person's id."""

    def __init__(
        self,
        directory: LdapDirectory,
        link: Link,
        record: Recorder,
        publish: Callable[[msgspec.Struct], None],
        actor: str,
    ) -> None:
        self.directory = directory
        self.link = link
        self.actor = actor
        self._record = record
        self._publish = publish

    def branch(self, name: str) -> str:
        """The DN of "people", "posts", "offices", "groups", "aliases" or "domains"."""
        return f"ou={name},{self.link.base}"

    def changed(self, event: str, subject: AccountId | str, concerned: Iterable[AccountId] = (), **facts: str) -> None:
        """Record a change that was made, forget what was cached, tell the other processes."""
        touched = tuple({subject, *concerned} - {""})
        self.directory.changed(frozenset(map(AccountId, touched)))
        self._record(event, self.actor, subject, **facts)
        self._publish(DirectoryChanged(tuple(map(AccountId, touched))))

    def added(self, event: str, find: Callable[[], Entry], **facts: str) -> Entry:
        """The entry just made, once it is recorded and announced."""
        self.directory.changed(frozenset())  # that it was not there is out of date
        entry = find()
        self.changed(event, entry.id, (), **facts)
        return entry

    def free_addresses(self, given: Iterable[str], owner: str = "", reserved: bool = False) -> list[str]:
        """The normalized addresses, each in a domain of ours and nobody else's. Faults BAD_REQUEST, EXISTS, DENIED."""
        keys = list(dict.fromkeys(address.check_new(each, reserved) for each in given))
        for key in keys:
            if not self.directory.is_ours(key.rpartition("@")[2]):
                raise Fault(Kind.BAD_REQUEST, f"{key} is not in a domain of ours.")
            if any(record.id != owner for record in self.directory.lookup.claimants(key)):
                raise Fault(Kind.EXISTS, f"{key} belongs to somebody already.")
        return keys

    def office_values(self, office: str) -> list[str]:
        """The value of odmailOfficeId for an office given by id or ou; none for ""."""
        return [self.office(office).id] if office else []

    def office(self, key: str) -> Office:
        """By id or ou."""
        return self.directory.office(key)
