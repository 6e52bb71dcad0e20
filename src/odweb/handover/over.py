"""Sealed tenures whose time is over: the agency hears of each once, and decides."""

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

from odcore.identity.rights import agency
from odmail.tenure.model import Sealed
from odweb.house import House
from odweb.names import called


def tell(house: House) -> None:
    """Killed in between, somebody may hear of one twice."""
    retention = house.tenures.retention
    for sealed in retention.over():
        _tell(house, sealed)
        retention.note_over(sealed)


def _tell(house: House, sealed: Sealed) -> None:
    for person in agency(house.directory):
        with override(person.language or "en"):
            facts = {
                "post": called(house.directory, sealed.tenure.post),
                "holder": called(house.directory, sealed.tenure.person),
                "day": date_format(localtime(sealed.tenure.end), "SHORT_DATE_FORMAT"),
                "command": f"odmail post archive destroy {sealed.tenure.id} --order ...",
            }
            subject = _("The time of a sealed tenure is over: %(post)s") % facts
            text = _(
                "%(post)s, %(holder)s, until %(day)s: the archive need not be kept any longer. It stays until somebody "
                "destroys it with an order: %(command)s"
            )
            house.write(person, subject, text % facts + "\n")
