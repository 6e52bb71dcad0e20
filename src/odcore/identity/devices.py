"""Device passwords: random, one for each device, for oneself or a post one holds.

An entry below the person holds the hash and is named by the first four letters of the secret, so that the right
entry is found without anybody reading hashes: signing in is a bind to that entry.
"""

import re
from datetime import datetime

from odcore import ids
from odcore.directory.filters import child
from odcore.directory.model import DevicePassword, Person

SCOPES = ("mail", "dav", "drive", "directory", "people", "people-write", "queue", "queue-write")
_SCOPE_OF = {
    "imap": "mail",
    "submission": "mail",
    "pop3": "mail",
    "managesieve": "mail",
    "lmtp": "mail",
    "ldap": "directory",
}

_GROUPS, _LETTERS = 5, 4
_SHAPE = re.compile(r"[a-km-np-z2-9]{20}\Z")


def generate() -> str:
    """A new secret: four letters that name it and sixteen, 80 bits, that nobody guesses."""
    return "-".join(ids.readable(_LETTERS) for _ in range(_GROUPS))


def letters(secret: str) -> str | None:
    """The secret as it is hashed, however it was typed; None when it has not the form of one."""
    bare = secret.lower().replace("-", "").replace(" ", "")
    return bare if _SHAPE.match(bare) else None


def name_of(secret: str) -> str:
    """What names the entry."""
    return secret[:_LETTERS].lower()


def entry_name(person: Person, name: str) -> str:
    """The DN of the device password called `name`."""
    return child("cn", name, person.dn)


def opens(device: DevicePassword, account: str, service: str, instant: datetime) -> bool:
    """Is it good for this account and service now?"""
    scope = _SCOPE_OF.get(service, service)
    fresh = device.expires is None or instant < device.expires
    return device.account == account and scope in device.scopes and fresh
