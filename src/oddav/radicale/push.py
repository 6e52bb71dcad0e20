"""Devices subscribe to changes of a collection, and say which of them they know.  draft-bitfire-webdav-push-00 3, 4

A subscription is removed below /push/, where each has a path of its own.
"""

import base64
import binascii
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from xml.etree.ElementTree import Element

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.ids import AccountId
from odcore.net.outside import allowed
from oddav.push.message import is_key
from oddav.push.offer import Offer
from oddav.radicale import properties, xml
from oddav.radicale.answers import Answer, Condition, answer
from oddav.radicale.place import Place
from oddav.radicale.visit import Visit
from oddav.store.model import Quiet
from oddav.store.ops import push
from oddav.store.ops.push import Subscribe

HOME = "push"
"""Where registrations are below the mount; no account's id looks like that."""

_LONGEST = 30 * 24 * 3600
"""Seconds until a device has to ask again."""


def _name(local: str) -> str:
    return f"{{{xml.PUSH}}}{local}"


REGISTER = _name("push-register")
TRANSPORTS, TOPIC, TRIGGERS = _name("transports"), _name("topic"), _name("supported-triggers")
_CONTENT, _PROPERTIES = _name("content-update"), _name("property-update")
SUPPORTED = xml.element(_CONTENT, "<D:depth>1</D:depth>") + xml.element(_PROPERTIES, "<D:depth>0</D:depth>")
"""Changes of members, and of the collection's own properties."""


def transports(offer: Offer) -> str:
    """Web Push, and the key by which its services know us."""
    return (
        f'<x:web-push xmlns:x="{xml.PUSH}"><x:vapid-public-key type="p256ecdsa">{offer.public_key}'
        "</x:vapid-public-key></x:web-push>"
    )


def is_in(place: Place) -> bool:
    """Is it a registration?"""
    return place.owner == HOME and place.is_resource


def register(visit: Visit, place: Place, request: Element, host: str) -> Answer:
    """New, or instead of the one with the same push resource.

    Conditions invalid-subscription, push-not-available, no-supported-trigger; Fault LIMIT.
    """
    owner, name = visit.at(place.owner, place.collection)
    offer = visit.house.push
    if offer is None:
        raise _unmet("push-not-available", "Nothing is pushed here.")
    wanted = _wanted(visit.principal, offer, request)
    home = visit.home(owner)
    offer.mark(owner.id)
    id_ = home.write(lambda tx: push.subscribe(tx, name, wanted))
    location = f"https://{host}{Place(place.prefix, HOME, owner.id, id_).path}"
    return answer(HTTPStatus.NO_CONTENT, None, Location=location, Expires=properties.date(wanted.expires))


def unregister(visit: Visit, place: Place) -> Answer:
    """By whoever registered it. Fault NOT_FOUND, alike for all others."""
    account, store = AccountId(place.collection), visit.house.store
    home = store.open(account, ())
    person = visit.principal.person.id
    if not store.has(account) or not home.write(lambda tx: push.unsubscribe(tx, place.href, person)):
        raise Fault(Kind.NOT_FOUND, "There is nothing here.")
    return answer(HTTPStatus.NO_CONTENT)


def quiet(principal: Principal, environ: dict[str, Any]) -> Quiet | None:
    """Who knows of what this request changes: by their registrations, or * for all of the same person."""
    told = environ.get("HTTP_PUSH_DONT_NOTIFY", "").strip()
    if not told:
        return None
    named = (each.strip().strip('"').rpartition("/")[2] for each in told.split(","))
    return Quiet(principal.person.id, None if told == "*" else frozenset(named))


def _wanted(principal: Principal, offer: Offer, request: Element) -> Subscribe:
    told = request.find(f"{_name('subscription')}/{_name('web-push-subscription')}")
    if told is None:
        raise _unmet("invalid-subscription", "Only Web Push is known here.")
    content, properties_ = _triggers(request)
    return Subscribe(
        principal.person.id,
        principal.account.id,
        principal.device,
        _resource(offer, told),
        *_secrets(told),
        content,
        properties_,
        _expires(request.findtext(_name("expires")) or ""),
    )


def _resource(offer: Offer, told: Element) -> str:
    try:
        return allowed(told.findtext(_name("push-resource")) or "", offer.services)
    except Fault as fault:
        raise _unmet("invalid-subscription", fault.text) from fault


def _secrets(told: Element) -> tuple[bytes, bytes]:
    """What messages are encrypted with: nothing is sent that the push service could read."""
    key, secret = _octets(told, "subscription-public-key"), _octets(told, "auth-secret")
    encoding = (told.findtext(_name("content-encoding")) or "aes128gcm").strip()
    if not is_key(key) or len(secret) != 16 or encoding != "aes128gcm":
        raise _unmet("invalid-subscription", "A key for aes128gcm and a secret of 16 octets are needed.")
    return key, secret


def _octets(told: Element, local: str) -> bytes:
    text = (told.findtext(_name(local)) or "").strip()
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return b""


def _triggers(request: Element) -> tuple[bool, bool]:
    """Depths are what we have, whichever are asked for. Older DAVx5 names no trigger, and means content."""
    told = request.find(_name("trigger"))
    if told is None:
        return True, False
    found = told.find(_CONTENT) is not None, told.find(_PROPERTIES) is not None
    if not any(found):
        raise _unmet("no-supported-trigger", "Changes of content and of properties can be told of.")
    return found


def _expires(text: str) -> int:
    latest = clock.timestamp() + _LONGEST
    try:
        return max(min(int(parsedate_to_datetime(text.strip()).timestamp()), latest), clock.timestamp())
    except (ValueError, OverflowError):
        return latest


def _unmet(local: str, why: str) -> Condition:
    told = f"<D:responsedescription>{xml.text(why)}</D:responsedescription>"
    return Condition(HTTPStatus.FORBIDDEN, xml.element(_name(local)) + told)
