"""Who leaves soon: told 30, 7 and 1 day before. The account ends by itself, at the instant the directory has."""

from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

from odcore import clock
from odcore.directory.model import Person
from odcore.identity.rights import nodal_officers
from odcore.sms.api import Sms
from odweb.house import House
from odweb.staff.models import Told

STAGES = (1, 7, 30)
"""Days before."""

_HOUR = timedelta(hours=1)


def tell(house: House) -> int:
    """Notices that are due, each once for a person and a date; how many those were."""
    now = clock.now()
    told = 0
    for person in house.directory.expiring(now, now + timedelta(days=STAGES[-1])):
        assert person.expires is not None
        stage = next(days for days in STAGES if person.expires - now <= timedelta(days=days))
        key = {"person": person.id, "expires": person.expires, "days": stage}
        if not Told.objects.filter(**key).exists():
            _tell(house, person, person.expires, now)
            Told.objects.create(**key)
            told += 1
    Told.objects.filter(expires__lt=now - timedelta(days=STAGES[-1])).delete()
    return told


def _tell(house: House, person: Person, end: datetime, now: datetime) -> None:
    posts = [post.title for post in house.directory.posts_held(person.id, now)]
    with override(person.language or "en"):
        day = date_format(localtime(end), "SHORT_DATE_FORMAT")
        facts = {"address": next(iter(person.addresses), person.uid), "day": day}
        text = _("Your account %(address)s ends on %(day)s. If that is wrong, tell your nodal officer.")
        house.write(person, _("Your account ends on %(day)s") % facts, _lines(text % facts, posts))
        if person.mobile:
            named = f"ends.{person.language or 'en'}"
            expires = now + 24 * _HOUR
            house.sms(Sms(number=person.mobile, template=named, text=text, facts=facts, expires=expires))
    for officer in nodal_officers(house.directory, person.office or ""):
        with override(officer.language or "en"):
            about = {"name": person.name, "day": date_format(localtime(end), "SHORT_DATE_FORMAT")}
            told = _("The account of %(name)s ends on %(day)s.") % about
            link = house.link(f"/staff/people/{person.id}")
            house.write(officer, told.rstrip("."), f"{_lines(told, posts)}\n{link}\n")


def _lines(told: str, posts: list[str]) -> str:
    if not posts:
        return f"{told}\n"
    held = "\n".join(f"  {post}" for post in posts)
    return f"{told}\n\n{_('Posts to be handed over until then:')}\n{held}\n"
