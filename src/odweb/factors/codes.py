"""Codes from an app, and recovery codes.  RFC 6238, RFC 4226"""

import hashlib
import hmac

import pyotp
from django.db import transaction

from odcore import clock, ids
from odcore.directory.model import Person
from odweb.factors import seal
from odweb.factors.models import App, Recovery
from odweb.house import House

_DIGITS, _SECONDS = 6, 30
_AROUND = 1
"""Clocks of phones: one step before and after is good as well.  RFC 6238 5.2"""

_RECOVERY = 10
_GROUPS = 4  # of four letters: 80 bits


def new_secret() -> str:
    """160 bits, in base32."""
    return pyotp.random_base32()


def address(secret: str, person: Person, site: str) -> str:
    """What the QR code says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.addresses[0], issuer_name=site)


def fits(secret: str, code: str) -> int:
    """The step whose code this is; 0 when it is none of now."""
    now = int(clock.now().timestamp()) // _SECONDS
    app = pyotp.TOTP(secret, digits=_DIGITS, interval=_SECONDS)
    found = 0
    for step in range(now - _AROUND, now + _AROUND + 1):
        if hmac.compare_digest(app.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def keep(house: House, person: str, secret: str, step: int) -> list[str]:
    """From now on this app is asked; its recovery codes, told this once. `step`: of the code that proved the secret."""
    sealed = seal.close(house.seal, person, secret.encode())
    with transaction.atomic():
        App.objects.update_or_create(person=person, defaults={"sealed": sealed, "made": clock.now(), "step": step})
        return renew(person)


def renew(person: str) -> list[str]:
    """New recovery codes; the old ones are void."""
    made = ["-".join(ids.readable(4) for _ in range(_GROUPS)) for _ in range(_RECOVERY)]
    with transaction.atomic():
        Recovery.objects.filter(person=person).delete()
        Recovery.objects.bulk_create(Recovery(person=person, digest=_digest(person, code)) for code in made)
    return made


def take(house: House, person: str, typed: str) -> str:
    """ "app" or "recovery" for a code that is right and was not used before, else "". Of two at a time one wins."""
    code = "".join(filter(str.isalnum, typed)).lower()
    if len(code) != _DIGITS:
        used, _ = Recovery.objects.filter(person=person, digest=_digest(person, code)).delete()
        return "recovery" if used else ""
    app = App.objects.filter(person=person).first()
    step = fits(seal.open_(house.seal, person, bytes(app.sealed)).decode(), code) if app else 0
    if step and App.objects.filter(person=person, step__lt=step).update(step=step):
        return "app"
    return ""


def _digest(person: str, code: str) -> str:
    return hashlib.sha256(f"{person} {code.replace('-', '')}".encode()).hexdigest()
