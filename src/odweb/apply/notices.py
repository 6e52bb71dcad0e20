"""What people hear of applications: approvers by mail, applicants by text message and mail."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import override

from odcore import clock
from odcore.directory.model import Person
from odcore.identity.rights import agency, nodal_officers
from odcore.sms.api import Sms
from odweb.apply.models import Application
from odweb.house import House
from odweb.names import named
from odweb.staff import codes

A_DAY = timedelta(days=1)


def approvers(house: House, application: Application) -> list[Person]:
    """Who may decide now, but for whoever has decided before."""
    if application.state == Application.State.OFFICE:
        found = nodal_officers(house.directory, application.office) or agency(house.directory)
    else:
        found = agency(house.directory)
    return [each for each in found if each.id != application.checker]


def to_approvers(house: House, application: Application, *, late: bool = False) -> None:
    """That something waits for them; `late` reminds them."""
    for person in approvers(house, application):
        if not person.addresses:
            continue
        with override(person.language or "en"):
            subject = _("An application waits for you: %(reference)s")
            if late:
                subject = _("An application is overdue: %(reference)s")
            text = _("%(name)s (%(title)s) applies for an account. Decide here:")
            facts = {"name": application.name, "title": application.title, "reference": application.reference}
            body = f"{text % facts}\n\n{house.link(f'/applications/{application.key}')}\n"
            house.letter(person.addresses[0], subject % facts, body, person.language or "en")


def remind(house: House) -> int:
    """Whoever lets an application lie beyond its day hears of it, once a day; how many applications those were."""
    now = clock.now()
    waiting = (Application.State.OFFICE, Application.State.AGENCY)
    late = [
        each
        for each in Application.objects.filter(state__in=waiting, due__lt=now)
        if each.reminded is None or each.reminded < now - A_DAY
    ]
    for application in late:
        to_approvers(house, application, late=True)
        Application.objects.filter(key=application.key).update(reminded=now)
    return len(late)


def created(house: House, application: Application, person: Person) -> None:
    """The way to a first password goes to the phone that was verified, and nowhere else."""
    codes.send(house, application.agent, person, application.mobile, application.language)
    with override(application.language):
        facts = {"address": person.addresses[0]}
        told = _("Your account %(address)s is there. How to set a password was sent to your mobile phone.")
        _letter(house, application, _("Your account is there"), told % facts)


def refused(house: House, application: Application) -> None:
    """With the reason in the mail; a text message holds only what was registered."""
    with override(application.language):
        facts = {"reference": application.reference, "link": house.link("/apply/status")}
        _sms(house, application, "refused", _("Your application %(reference)s was refused. Why: %(link)s"), facts)
        told = _("Your application %(reference)s was refused. Reason given: %(reason)s")
        _letter(house, application, _("Your application was refused"), told % (facts | {"reason": application.reason}))


def received(house: House, application: Application) -> None:
    """The reference, to be found again."""
    with override(application.language):
        facts = {"reference": application.reference, "link": house.link("/apply/status")}
        _sms(house, application, "received", _("Your application is %(reference)s. Its state: %(link)s"), facts)


def _sms(house: House, application: Application, template: str, text: str, facts: dict[str, str]) -> None:
    template = f"{template}.{application.language}"
    expires = clock.now() + A_DAY
    house.sms(Sms(number=application.mobile, template=template, text=text, facts=facts, expires=expires))


def _letter(house: House, application: Application, subject: str, text: str) -> None:
    if application.email:
        house.letter(application.email, subject, text + "\n", application.language)


def names(people: Iterable[Person]) -> str:
    """For a page: whom an application waits for."""
    return ", ".join(map(named, people))
