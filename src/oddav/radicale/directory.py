"""The directory book: a collection to search, not to copy.  RFC 6352 8, draft-daboo-carddav-directory-gateway

It lies beside the homes, so that programs which fetch every address book they find do not meet it; who knows
`directory-gateway`, or is given its address, searches it.
"""

from collections.abc import Callable
from datetime import UTC
from functools import partial
from hashlib import blake2b
from http import HTTPStatus
from typing import Any
from xml.etree.ElementTree import Element

from odcore.errors import Fault, Kind
from oddav.book.book import MOST, Found, Viewer, written
from oddav.book.card import V3, V4
from oddav.contacts.searching import folded
from oddav.content import Component
from oddav.content import written as octets_of
from oddav.radicale import cards, matches, texts, xml
from oddav.radicale.answers import Answer, Condition, answer, forbidden
from oddav.radicale.data import reading
from oddav.radicale.narrowing import SEARCHED, narrow
from oddav.radicale.place import Place, pointed
from oddav.radicale.visit import Visit

HOME, NAME = "directory", "people"
"""Where it is below the mount; no account's id looks like that."""

_DATA = xml.name("CR:address-data")
_ETAG, _TYPE, _LENGTH = xml.name("D:getetag"), xml.name("D:getcontenttype"), xml.name("D:getcontentlength")
_QUERY, _MULTIGET = xml.name("CR:addressbook-query"), xml.name("CR:addressbook-multiget")
_ENDING = ".vcf"
_COSTLY = frozenset({"PHOTO", "MEMBER", "X-ADDRESSBOOKSERVER-MEMBER"})
_PROPERTIES = {
    "D:resourcetype": "<D:collection/><CR:addressbook/><CR:directory/>",
    "D:displayname": "Directory",
    "CR:addressbook-description": "People, posts and lists. Search it: it is too large to be fetched.",
    "D:current-user-privilege-set": "<D:privilege><D:read/></D:privilege>"
    "<D:privilege><D:read-current-user-privilege-set/></D:privilege>",
    "D:supported-report-set": "".join(
        f"<D:supported-report><D:report><{each}/></D:report></D:supported-report>"
        for each in ("CR:addressbook-query", "CR:addressbook-multiget")
    ),
    "CR:supported-address-data": "".join(
        f'<CR:address-data-type content-type="text/vcard" version="{each}"/>' for each in (V3, V4)
    ),
    "CR:supported-collation-set": "".join(
        f"<CR:supported-collation>{each}</CR:supported-collation>" for each in ("i;ascii-casemap", "i;unicode-casemap")
    ),
}


def is_in(place: Place) -> bool:
    """Is it this collection, or a card in it? Fault NOT_FOUND for what else lies below its home."""
    if place.owner == HOME and place.collection != NAME:
        raise Fault(Kind.NOT_FOUND, "There is nothing here.")
    return place.owner == HOME


def collection(prefix: str) -> Place:
    """The collection itself."""
    return Place(prefix, HOME, NAME)


def properties(visit: Visit, place: Place) -> dict[str, str]:
    """Of the collection."""
    own = xml.href(Place(place.prefix, visit.own.id).path)
    return {xml.name(name): inner for name, inner in _PROPERTIES.items()} | {
        xml.name("D:current-user-principal"): own,
        xml.name("D:owner"): "",
    }


def propfind(visit: Visit, place: Place, depth: str, request: Element | None) -> list[str]:
    """Of the collection or of one card; members are never listed, and the answer says that there are more."""
    wanted = xml.asked(request)
    if place.is_resource:
        look = _Look(visit, place, request)
        asked = [_ETAG, _TYPE, _LENGTH, xml.name("D:resourcetype")] if wanted is None else wanted
        return [look.response(look.one(), asked)]
    told = properties(visit, place)
    asked = list(told) if wanted is None else wanted
    found = [xml.element(clark, told[clark]) for clark in asked if clark in told]
    own = xml.response(place.path, found, [xml.element(clark) for clark in asked if clark not in told])
    if depth == "1":
        return [own, matches.cut(place)]
    if depth not in ("", "0"):
        raise forbidden("D:propfind-finite-depth")
    return [own]


def get(visit: Visit, place: Place, environ: dict[str, Any]) -> Answer:
    """One card, in the version that is asked for."""
    if not place.is_resource:
        raise Fault(Kind.DENIED, "The directory is searched, not fetched.")
    look = _Look(visit, place, None)
    version = V4 if "version=4" in environ.get("HTTP_ACCEPT", "").replace('"', "").replace(" ", "") else V3
    octets = look.octets(look.one(), version)
    headers = {"ETag": _etag(octets), "Vary": "Accept"}
    if _etag(octets) in environ.get("HTTP_IF_NONE_MATCH", ""):
        return answer(HTTPStatus.NOT_MODIFIED, None, **headers)
    kind = f"text/vcard; charset=utf-8; version={version}"
    return answer(HTTPStatus.OK, octets, **headers, Content_Type=kind, Content_Disposition="attachment")


def report(visit: Visit, place: Place, request: Element, host: str) -> list[str]:
    """Conditions supported-report, supported-filter, supported-collation; Faults LIMIT, TRY_LATER."""
    if place.is_resource or request.tag not in (_QUERY, _MULTIGET):
        raise forbidden("D:supported-report")
    look = _Look(visit, place, request)
    return look.query(request) if request.tag == _QUERY else look.multiget(request, host)


class _Look:
    """One request's view of the book."""

    def __init__(self, visit: Visit, place: Place, request: Element | None) -> None:
        self._book = visit.house.book
        self._viewer: Viewer = self._book.viewer(visit.principal)
        self._place = place
        data = None if request is None else request.find(f"{{DAV:}}prop/{_DATA}")
        self._wanted = xml.asked(request) or []
        self._version = V3 if data is None else _version(data)
        self._fully = _fully(data, self._wanted)
        self._read = reading(data, UTC)

    def one(self) -> Found:
        """The card that the place names. Fault NOT_FOUND."""
        found = self._book.named(self._viewer, [_id(self._place)])
        if not found:
            raise Fault(Kind.NOT_FOUND, "There is nothing here.")
        return self._book.complete(found)[0]

    def query(self, request: Element) -> list[str]:
        """What fits; 507 when there is more than is told.  RFC 6352 8.6.2"""
        asked = request.find(xml.name("CR:filter"))
        asked = Element("filter") if asked is None else asked
        most = matches.limit(request, MOST)
        fits = fitting(asked)

        def seen(found: Found) -> bool:
            return fits(written(found, V4, self._viewer))

        found, more = self._book.find(self._viewer, narrow(asked, self._viewer.numbers), seen, most)
        return self._responses(found) + ([matches.cut(self._place)] if more else [])

    def multiget(self, request: Element, host: str) -> list[str]:
        """Each that was asked for, with 404 for what is not there."""
        texts = [each.text or "" for each in request.findall("{DAV:}href")]
        if len(texts) > MOST:
            raise forbidden("D:number-of-matches-within-limits")
        named = {text: self._pointed(text, host) for text in texts}
        found = self._book.named(self._viewer, filter(None, named.values()))
        there = {each.entry.id for each in found}
        gone = [text for text, id_ in named.items() if id_ not in there]
        return self._responses(found) + [matches.missing(text) for text in gone]

    def _responses(self, found: list[Found]) -> list[str]:
        """Photographs and members are fetched only where the whole card is asked for, or its tag, which covers them."""
        shown = self._book.complete(found) if self._fully else found
        return [self.response(each, self._wanted) for each in shown]

    def response(self, found: Found, wanted: list[str]) -> str:
        """One card's properties."""
        path = f"{collection(self._place.prefix).path}{found.entry.id}{_ENDING}"
        octets = self.octets(found, self._version)
        tell: dict[str, Callable[[], str]] = {
            _ETAG: lambda: _etag(octets),
            _TYPE: lambda: "text/vcard; charset=utf-8",
            _LENGTH: lambda: str(len(octets)),
            xml.name("D:resourcetype"): str,
            _DATA: lambda: xml.text(self._read(octets).decode()),
        }
        told = [xml.element(clark, tell[clark]()) for clark in wanted if clark in tell]
        return xml.response(path, told, [xml.element(clark) for clark in wanted if clark not in tell])

    def octets(self, found: Found, version: str) -> bytes:
        """The whole card."""
        return octets_of(written(found, version, self._viewer))

    def _pointed(self, text: str, host: str) -> str | None:
        try:
            place = pointed(text, self._place.prefix, host)
            return _id(place) if is_in(place) and place.is_resource else None
        except (Fault, Condition, ValueError):
            return None


def _id(place: Place) -> str:
    return place.href.removesuffix(_ENDING).lower()


def _etag(octets: bytes) -> str:
    return f'"{blake2b(octets, digest_size=16).hexdigest()}"'


def _version(data: Element) -> str:
    """Condition supported-address-data."""
    version = data.get("version", V3)
    if version not in (V3, V4) or data.get("content-type", "text/vcard").lower() != "text/vcard":
        raise forbidden("CR:supported-address-data")
    return version


def _fully(data: Element | None, wanted: list[str]) -> bool:
    """Is what only whole cards have asked for, or a tag, which covers it?"""
    names = {each.get("name", "").upper() for each in data.findall(xml.name("CR:prop"))} if data is not None else set()
    return _ETAG in wanted or not names or bool(names & _COSTLY)


def fitting(asked: Element) -> Callable[[Component], bool]:
    """The whole `filter`, as a test for cards. Conditions supported-filter, supported-collation."""

    def fits(whole: Component) -> bool:
        searched = [each for each in whole.lines if each.name in SEARCHED]
        return cards.fits(Component(whole.name, searched), asked, _as_typed)

    return fits


def _as_typed(name: str, asked: Element) -> Callable[[str], bool]:
    """Folding what no collation of CardDAV folds: joiners, and how the digits of a number are grouped."""
    return texts.match(asked, "i;unicode-casemap", "CR", partial(folded, name))
