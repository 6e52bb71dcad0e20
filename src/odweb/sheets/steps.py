"""A sheet's way from file to approval, for pages and command line."""

from django.utils.translation import gettext as _

from odcore import clock
from odcore.directory.bulk.check import check, read
from odcore.directory.model import Person
from odcore.errors import Fault, Kind
from odcore.identity.rights import Rights
from odweb.house import House
from odweb.sheets.models import Sheet


def take(house: House, maker: Person, may: Rights, name: str, octets: bytes, office: str) -> Sheet:
    """A draft of what is in a file; `office` (an id) is for rows that name none. Faults of `read`."""
    rows = read(house.directory, octets)
    if not rows:
        raise Fault(Kind.BAD_REQUEST, _("There is nobody in the sheet."))
    sheet = Sheet(name=name[:200], maker=maker.id, maker_name=maker.name[:200], office=office)
    sheet.rows = check(house.directory, rows, may.offices, office)
    sheet.changed = clock.now()
    sheet.save(force_insert=True)
    return sheet


def submit(house: House, actor: str, may: Rights, sheet: Sheet) -> None:
    """Judged once more; from here on the maker changes nothing. Fault BAD_REQUEST when nobody would be created."""
    sheet.rows = check(house.directory, [each.row for each in sheet.rows], may.offices, sheet.office)
    if not sheet.total:
        raise Fault(Kind.BAD_REQUEST, _("No row is fine: there is nobody to create."))
    move(house, actor, sheet, Sheet.State.SUBMITTED)


def move(house: House, actor: str, sheet: Sheet, wanted: Sheet.State) -> None:
    """Into another state; told to the audit trail. Fault CONFLICT."""
    save(sheet, wanted)
    house.trail.record(f"sheet-{wanted}", actor, sheet.maker, sheet=sheet.key, name=sheet.name)


def save(sheet: Sheet, wanted: Sheet.State | None = None) -> None:
    """As it is now, if nobody changed it since it was read: what is approved is what was looked at. Fault CONFLICT."""
    as_read = Sheet.objects.filter(key=sheet.key, state=sheet.state, changed=sheet.changed)
    sheet.state, sheet.changed = wanted or sheet.state, clock.now()
    fields = {field.name: getattr(sheet, field.name) for field in Sheet._meta.fields if not field.primary_key}
    if not as_read.update(**fields):
        raise outrun()


def outrun() -> Fault:
    """Two at one sheet."""
    return Fault(Kind.CONFLICT, _("Somebody was quicker: look at the sheet again."))
