"""A code of six digits to a mobile number, and its check.

Whoever asks gets the same answer in the same time, whether the number is known or not: `wanted` False does all the same
work, but the message has expired when it is written, so nobody gets it. Limits tell nothing either: who typed a number
hears that it had too many codes; who typed a name hears so of the name alone.
"""

import hmac
import secrets
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.net.networks import network_of
from odcore.sms.api import Sms
from odweb.house import House
from odweb.mobile.models import Challenge, Sent
from odweb.project.request import Asked

LIFE = timedelta(minutes=10)
_DIGITS = 6
_TRIES = 5
_APART = timedelta(seconds=10)
_HOUR = timedelta(hours=1)
_FOR_A_NUMBER, _FOR_A_NETWORK = 5, 60  # within an hour; an office may sit behind one address
_LONGEST_CODE = 20


def send(request: Asked, purpose: str, subject: str, number: str, *, wanted: bool = True, name: str = "") -> None:
    """An earlier code for the same is void. Fault LIMIT when too many were asked for. `name`: typed, not the number."""
    network = network_of(request.META.get("REMOTE_ADDR", ""), 32, 64)
    with transaction.atomic():
        _count(_digest("name", name) if name else _digest("number", number), network)
        if name and not _room(_digest("number of a name", number)):
            subject, wanted = f"no room for {subject}", False  # the code that was sent before stays good
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    key, now = _digest(purpose, subject), clock.now()
    values = {"digest": _digest(key, code), "tries": 0, "expires": now + LIFE}
    Challenge.objects.update_or_create(key=key, defaults=values)
    text = _("%(code)s is your code for official mail. It is good for %(minutes)s minutes. Tell it to nobody.")
    request.house.sms(
        Sms(
            number=number,
            template=f"code.{get_language() or 'en'}",
            text=text,
            facts={"code": code, "minutes": str(LIFE // timedelta(minutes=1))},
            expires=now + LIFE if wanted else now,
        )
    )


def check(purpose: str, subject: str, code: str) -> None:
    """Good once. Fault LOGIN: wrong, too old, or guessed too often."""
    key = _digest(purpose, subject)
    given = "".join(str(int(each)) for each in code[:_LONGEST_CODE] if each.isdecimal())
    live = Challenge.objects.filter(key=key, tries__lt=_TRIES, expires__gt=clock.now())
    if live.update(tries=F("tries") + 1):  # counted before it is compared: two at a time are two tries
        right = Challenge.objects.filter(key=key, digest=_digest(key, given))
        if right.delete()[0]:
            return
    raise Fault(Kind.LOGIN, "This code is not valid.")


def sweep(_house: House) -> None:
    """Codes that are too old are forgotten: anybody may ask for some, under names that are nobody's."""
    Challenge.objects.filter(expires__lt=clock.now()).delete()


def _count(asked: str, network: str) -> None:
    Sent.objects.filter(at__lt=clock.now() - _HOUR).delete()
    if Sent.objects.filter(network=network).count() >= _FOR_A_NETWORK or not _room(asked, network):
        raise Fault(Kind.LIMIT, _("A code was sent a moment ago, or too many were asked for. Wait and try again."))


def _room(asked: str, network: str = "") -> bool:
    """One more is counted, if it fits."""
    now, ours = clock.now(), Sent.objects.filter(number=asked)
    fits = ours.count() < _FOR_A_NUMBER and not ours.filter(at__gt=now - _APART).exists()
    if fits:
        Sent.objects.create(number=asked, network=network, at=now)
    return fits


def _digest(*parts: str) -> str:
    """Keyed: six digits would soon be found again from a bare digest."""
    return hmac.new(str(settings.SECRET_KEY).encode(), "\0".join(parts).encode(), sha256).hexdigest()
