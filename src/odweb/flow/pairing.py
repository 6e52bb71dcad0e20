"""The life of an app that waits: begun, let in by a person, given its password once, or forgotten.

Whoever holds the address of the page can show it to a person who did not ask for it. So it lives shortly, the page
says what it does and from where it was asked, and nobody is let in without pressing the button.
"""

import hashlib
from datetime import timedelta

import msgspec
from django.db.models import QuerySet

from odcore import clock, ids
from odcore.directory.ops.device import AddDevicePassword, add_device_password
from odcore.errors import Fault, Kind
from odweb.flow.models import Waiting
from odweb.house import House

LIFE = timedelta(minutes=20)
_MOST, _EACH = 2000, 20
"""Apps that wait at a time, and those from one address."""

_SCOPES = ("dav", "drive")


class Begun(msgspec.Struct, frozen=True):
    """The two tokens, told this once."""

    poll: str
    page: str


class LetIn(msgspec.Struct, frozen=True):
    """What the app signs in with."""

    login: str
    secret: str


def begin(agent: str, address: str) -> Begun:
    """Fault LIMIT when too many wait already."""
    now = clock.now()
    Waiting.objects.filter(begun__lt=now - LIFE).delete()
    if Waiting.objects.count() >= _MOST or Waiting.objects.filter(address=address).count() >= _EACH:
        raise Fault(Kind.LIMIT, "Too many apps are being set up, try again in a few minutes.")
    begun = Begun(ids.token(48), ids.token(48))
    agent = agent[:100] or "App"
    Waiting.objects.create(poll=_digest(begun.poll), page=_digest(begun.page), agent=agent, address=address, begun=now)
    return begun


def of_page(token: str) -> Waiting:
    """Fault NOT_FOUND when it was let in already, or waited too long."""
    found = _fresh().filter(page=_digest(token), person="").first()
    if found is None:
        raise Fault(Kind.NOT_FOUND, "This link has been used or is too old. Start again in the app.")
    return found


def let_in(waiting: Waiting, person: str, name: str) -> bool:
    """False when somebody was quicker."""
    return bool(Waiting.objects.filter(pk=waiting.pk, person="").update(person=person, name=name))


def collect(house: House, token: str) -> LetIn:
    """The app's password, made now. Fault NOT_FOUND while nobody has let it in, and after it was given once."""
    found = _fresh().filter(poll=_digest(token)).exclude(person="").first()
    if found is None or not Waiting.objects.filter(pk=found.pk).delete()[0]:
        raise Fault(Kind.NOT_FOUND, "Nobody has let this app in yet.")
    person = house.directory.person(found.person)
    account = house.directory.account(person.id)
    wanted = AddDevicePassword(person=person, name=found.name, scopes=_SCOPES)
    _, secret = add_device_password(house.admin(person.id), wanted)
    return LetIn(account.address, secret)


def _fresh() -> QuerySet[Waiting]:
    return Waiting.objects.filter(begun__gte=clock.now() - LIFE)


def _digest(token: str) -> str:
    """The tokens are long and by chance: a plain digest keeps them."""
    return hashlib.sha256(token.encode()).hexdigest()
