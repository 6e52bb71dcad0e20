"""A card's facts. vCard 3 and 4 alike are taken as they are.  RFC 6352 5.1"""

from odcore.errors import Fault, Kind
from oddav.content import components
from oddav.facts import Facts

_VERSIONS = ("3.0", "4.0")


def facts(octets: bytes) -> Facts:
    """Fault BAD_REQUEST when it is not exactly one card with a UID; UNSUPPORTED for a version of long ago."""
    cards = components(octets)
    if len(cards) != 1 or cards[0].name != "VCARD":
        raise Fault(Kind.BAD_REQUEST, "An address book keeps one card in each of its resources.")
    version, uid = cards[0].first("VERSION"), cards[0].first("UID")
    if version is None or version.value.strip() not in _VERSIONS:
        raise Fault(Kind.UNSUPPORTED, "Cards are taken in version 3.0 or 4.0.")
    if uid is None or not uid.value.strip():
        raise Fault(Kind.BAD_REQUEST, "The card has no UID.")
    return Facts(uid.value.strip(), "VCARD")
