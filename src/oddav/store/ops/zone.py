"""The time zone of a collection's floating times: its owner's choice, or the house's.  RFC 4791 5.2.2, RFC 7809 5.2"""

from datetime import tzinfo
from xml.etree import ElementTree

from sqlalchemy import bindparam, select

from odcore.sql.statement import among, statement, values
from oddav.calendar.zone import brought, named
from oddav.store import schema
from oddav.store.model import Collection
from oddav.store.transaction import Transaction

TIMEZONE, TIMEZONE_ID = (f"{{urn:ietf:params:xml:ns:caldav}}calendar-timezone{each}" for each in ("", "-id"))

_NAMES = values((TIMEZONE_ID, TIMEZONE))
_property = schema.property_
_TOLD = statement(
    select(_property.c.name, _property.c.xml)
    .where(
        _property.c.account == bindparam("account"),
        _property.c.collection == bindparam("collection"),
        among(_property.c.name, "names"),
    )
    .order_by(_property.c.name.desc())
)


def zone(tx: Transaction, collection: Collection) -> tzinfo:
    """They were checked when they were noted."""
    key = {"account": tx.account, "collection": collection.collection, "names": _NAMES}
    for name, xml in tx.cursor.all(_TOLD, key):
        text = ElementTree.fromstring(xml).text or ""  # noqa: S314 - written by ourselves
        return named(text) if name == TIMEZONE_ID else brought(text)
    return tx.zone
