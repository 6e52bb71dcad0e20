"""One-time codes: printed or read out to a person, who sets a password with it. Nobody else ever knows that password.

A code and not a link: what stands in a link comes into logs and histories.
"""

import hashlib
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from odcore import clock, ids
from odcore.directory.model import Person, State
from odcore.directory.ops.person import set_password
from odcore.errors import Fault, Kind
from odcore.sms.api import Sms
from odweb.house import House
from odweb.project.request import Asked
from odweb.staff.models import Code

LIFE = timedelta(days=7)
_GROUPS = 5  # of four letters: 100 bits, which nobody guesses


def make(house: House, maker: str, person: Person) -> str:
    """The code, to be shown or sent this once; `maker` is the id of who lets it be made."""
    code = "-".join(ids.readable(4) for _ in range(_GROUPS))
    values = {"digest": _digest(code), "maker": maker, "expires": clock.now() + LIFE}
    Code.objects.update_or_create(person=person.id, defaults=values)
    house.trail.record("password-code-made", maker, person.id)
    return code


def write(house: House, maker: str, person: Person, address: str, language: str) -> None:
    """The same by mail, for who has no phone."""
    facts = {"address": person.addresses[0], "link": house.link("/welcome"), "code": make(house, maker, person)}
    with override(language):
        text = _("Your account %(address)s is there. Set a password at %(link)s with the code %(code)s")
        house.letter(address, _("Your account is there"), f"{text % facts}\n", language)


def send(house: House, maker: str, person: Person, number: str, language: str) -> None:
    """The code to a phone, with the way to its page. Nobody sees it on the way."""
    with override(language):
        text = _("Your account %(address)s is there. Set a password at %(link)s with the code %(code)s")
    facts = {"address": person.addresses[0], "link": house.link("/welcome"), "code": make(house, maker, person)}
    expires = clock.now() + LIFE
    house.sms(Sms(number=number, template=f"activate.{language}", text=text, facts=facts, expires=expires))


def use(request: Asked, code: str, password: str) -> Person:
    """Set the password. Faults LOGIN (no such code, or used, or too old), BAD_REQUEST (the password)."""
    with transaction.atomic():  # a password that is refused leaves the code as it was
        given = Code.objects.filter(digest=_digest(code), expires__gt=clock.now()).first()
        if given is None:
            raise _void()
        Code.objects.filter(person=given.person).delete()
        try:
            person = request.house.directory.person(given.person)
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise
            raise _void() from fault
        if person.state is not State.ACTIVE:
            raise _void()
        set_password(request.house.admin(person.id), person, password)
    return person


def _digest(code: str) -> str:
    return hashlib.sha256("".join(filter(str.isalnum, code)).lower().encode()).hexdigest()


def _void() -> Fault:
    return Fault(Kind.LOGIN, "This code is not valid.")
