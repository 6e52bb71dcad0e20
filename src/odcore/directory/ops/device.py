"""Device passwords and tokens: made, revoked."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from odcore import clock
from odcore.directory.admin import Admin
from odcore.directory.entries import DEVICE_CLASSES, TOKEN_CLASSES
from odcore.directory.model import DevicePassword, Person, Post
from odcore.directory.record import format_instant
from odcore.errors import Fault, Kind
from odcore.identity import devices, scram, token
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


class IssueToken(AddDevicePassword, frozen=True, kw_only=True):
    """The same for a bearer token."""


def add_device_password(admin: Admin, wanted: AddDevicePassword) -> tuple[DevicePassword, str]:
    """The device password and its secret, which is told this once. Faults DENIED (not a holder), LIMIT."""
    _check(admin, wanted)
    for _ in range(_TRIES):
        secret = devices.generate()
        name = devices.name_of(secret)
        values = {
            "userPassword": [hash_password(devices.letters(secret) or secret)],
            "odmailScram": _verifiers(secret, _account(wanted)),
        }
        try:
            _add(admin, wanted, name, DEVICE_CLASSES, values)
        except Fault as fault:  # the person has one of that name: draw again
            if fault.kind is not Kind.EXISTS:
                raise
        else:
            return _made(admin, wanted, name, "device-password-added"), secret
    raise Fault(Kind.TRY_LATER, "No name was free for the device password, try again.")


def issue_token(admin: Admin, wanted: IssueToken) -> tuple[DevicePassword, str]:
    """The token's entry and the token, which is told this once. Faults DENIED (not a holder), LIMIT."""
    _check(admin, wanted)
    name, issued = token.generate()
    _add(admin, wanted, name, TOKEN_CLASSES, {"odmailDigest": [token.digest(issued)]})
    return _made(admin, wanted, name, "token-issued"), issued


def revoke(admin: Admin, person: Person, device: DevicePassword) -> None:
    """Sessions that began with it end within seconds."""
    admin.link.delete(devices.entry_name(person, device.id))
    event = "token-revoked" if device.token else "device-password-revoked"
    admin.changed(event, person.id, [device.account], device=device.id, name=device.name)


def _check(admin: Admin, wanted: AddDevicePassword) -> None:
    person, post = wanted.person, wanted.post
    if post and person.id not in post.holders(clock.now()):
        raise Fault(Kind.DENIED, f"{person.uid} does not hold {post.cn}.")
    if not wanted.scopes or not set(wanted.scopes) <= set(devices.SCOPES):
        raise Fault(Kind.BAD_REQUEST, f"Scopes are {', '.join(devices.SCOPES)}.")
    if len(admin.directory.device_passwords(person.id)) >= _MOST:
        raise Fault(Kind.LIMIT, f"{person.uid} has {_MOST} device passwords and tokens: revoke one first.")


def _account(wanted: AddDevicePassword) -> str:
    return wanted.post.id if wanted.post else wanted.person.id


def _verifiers(secret: str, account: str) -> list[str]:
    """For the secret as it is printed, and without its dashes: SCRAM cannot ask again."""
    salt = scram.account_salt(account)
    forms = (secret, devices.letters(secret) or secret)
    return [scram.to_text(scram.verifier(form.encode(), salt)) for form in forms]


def _add(
    admin: Admin,
    wanted: AddDevicePassword,
    name: str,
    classes: Sequence[str],
    secrets: Mapping[str, Sequence[str]],
) -> None:
    values: dict[str, Sequence[str]] = {
        "cn": [name],
        "displayName": [wanted.name] if wanted.name else [],
        "odmailOwner": [wanted.person.id],
        "odmailOpens": [_account(wanted)],
        "odmailScope": list(wanted.scopes),
        "odmailExpires": [format_instant(wanted.expires)] if wanted.expires else [],
        **secrets,
    }
    admin.link.add(devices.entry_name(wanted.person, name), classes, values)
    admin.directory.changed(frozenset())  # the lookup that found nothing of this name is out of date


def _made(admin: Admin, wanted: AddDevicePassword, name: str, event: str) -> DevicePassword:
    made = admin.directory.device_password(wanted.person, name)
    admin.changed(event, wanted.person.id, [made.account], device=made.id, account=made.account, name=wanted.name)
    return made
