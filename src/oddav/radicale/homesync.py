"""sync-collection on a home: which calendars and address books came, changed and went.  RFC 6578

The token holds the state of each member, so nothing has to be remembered for it and none is ever too old.
"""

import base64
import binascii
import zlib
from http import HTTPStatus
from xml.etree.ElementTree import Element

import msgspec

from oddav.radicale import propfind, xml
from oddav.radicale.answers import Condition
from oddav.radicale.place import Place
from oddav.radicale.visit import Visit

_BEFORE = "data:,home-"
_LONGEST = 1 << 16
_State = dict[str, str]
_encode, _decoder = msgspec.json.encode, msgspec.json.Decoder(_State)


def sync(visit: Visit, place: Place, request: Element) -> list[str]:
    """Fault NOT_FOUND; condition valid-sync-token."""
    told = (request.findtext("{DAV:}sync-token") or "").strip()
    before = _read(told) if told else {}
    wanted = xml.asked(request) or []
    members = {each.place.path: each for each in propfind.members(visit, propfind.home(visit, place))}
    now = {path: each.collection.token for path, each in members.items() if each.collection is not None}
    found = [propfind.one(members[path], wanted) for path, token in now.items() if before.get(path) != token]
    gone = [
        xml.status(path, HTTPStatus.NOT_FOUND) for path in before if path not in now and path.startswith(place.path)
    ]
    return [*found, *gone, xml.element(xml.name("D:sync-token"), _written(now))]


def _written(state: _State) -> str:
    return _BEFORE + base64.urlsafe_b64encode(zlib.compress(_encode(state), 9)).decode()


def _read(told: str) -> _State:
    try:
        if len(told) > _LONGEST or not told.startswith(_BEFORE):
            raise ValueError
        packed = base64.urlsafe_b64decode(told.removeprefix(_BEFORE))
        return _decoder.decode(zlib.decompressobj().decompress(packed, 1 << 20))
    except (ValueError, binascii.Error, zlib.error, msgspec.MsgspecError) as error:
        raise Condition(HTTPStatus.FORBIDDEN, "<D:valid-sync-token/>") from error
