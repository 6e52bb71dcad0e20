"""Device passwords: made, revoked."""

from datetime import datetime

import msgspec

from odcore import clock
from odcore.directory.admin import Admin
from odcore.directory.entries import DEVICE_CLASSES
from odcore.directory.model import DevicePassword, Person, Post
from odcore.directory.record import format_instant
from odcore.errors import Fault, Kind
from odcore.identity import devices
from odcore.identity.passwords import hash_password

_MOST = 50
_TRIES = 5


class AddDevicePassword(msgspec.Struct, frozen=True, kw_only=True):
    """For `person`'s own account, or for `post`, which they must hold."""

    person: Person
    name: str
    post: Post | None = None
    scopes: tuple[str, ...] = ("mail",)
    expires: datetime | None = None


def add_device_password(admin: Admin, wanted: AddDevicePassword) -> tuple[DevicePassword, str]:
    """The device password and its secret, which is told this once. Faults DENIED (not a holder), LIMIT."""
    person, post = wanted.person, wanted.post
    if post and person.id not in post.holders(clock.now()):
        raise Fault(Kind.DENIED, f"{person.uid} does not hold {post.cn}.")
    if not wanted.scopes or not set(wanted.scopes) <= set(devices.SCOPES):
        raise Fault(Kind.BAD_REQUEST, f"Scopes are {', '.join(devices.SCOPES)}.")
    if len(admin.directory.device_passwords(person.id)) >= _MOST:
        raise Fault(Kind.LIMIT, f"{person.uid} has {_MOST} device passwords: revoke one first.")
    account = post.id if post else person.id
    secret = _make(admin, wanted, account)
    made = admin.directory.device_password(person, devices.name_of(secret))
    admin.changed("device-password-added", person.id, [account], device=made.id, account=account, name=wanted.name)
    return made, secret


def revoke(admin: Admin, person: Person, device: DevicePassword) -> None:
    """Sessions that began with it end within seconds."""
    admin.link.delete(devices.entry_name(person, device.id))
    admin.changed("device-password-revoked", person.id, [device.account], device=device.id, name=device.name)


def _make(admin: Admin, wanted: AddDevicePassword, account: str) -> str:
    """The secret of a new entry; its first letters are drawn again when the person has such a one."""
    for _ in range(_TRIES):
        secret = devices.generate()
        values: dict[str, list[str]] = {
            "cn": [devices.name_of(secret)],
            "displayName": [wanted.name] if wanted.name else [],
            "userPassword": [hash_password(devices.letters(secret) or secret)],
            "odmailOwner": [wanted.person.id],
            "odmailOpens": [account],
            "odmailScope": list(wanted.scopes),
            "odmailExpires": [format_instant(wanted.expires)] if wanted.expires else [],
        }
        try:
            admin.link.add(devices.entry_name(wanted.person, devices.name_of(secret)), DEVICE_CLASSES, values)
        except Fault as fault:
            if fault.kind is not Kind.EXISTS:
                raise
        else:
            admin.directory.changed(frozenset())  # the lookup that found nothing of this name is out of date
            return secret
    raise Fault(Kind.TRY_LATER, "No name was free for the device password, try again.")
