"""A card out of the directory: a person, a post with its holders, a list as a group.  RFC 6350, RFC 2426

Both versions have the same lines as far as anybody searches them, so that a search needs only one of them.
"""

import base64
import re
from collections.abc import Iterable, Iterator

import msgspec

from odcore.directory.listing import Listing, ListingKind
from oddav.content import Component, Line

V3, V4 = "3.0", "4.0"

_CONTROLS = re.compile("[\x00-\x1f\x7f]")


class Around(msgspec.Struct, frozen=True):
    """What a card tells of other entries."""

    offices: tuple[str, ...] = ()  # the outermost first
    holders: tuple[tuple[str, str], ...] = ()  # id and name
    members: tuple[str, ...] = ()  # ids, or mailto: addresses
    photo: bytes = b""


def card(entry: Listing, around: Around, version: str, numbers: bool) -> Component:
    """With private numbers only where `numbers` says so."""
    lines = [_line("VERSION", version), _line("UID", _uid(entry.id, version)), *_kind(entry, version)]
    lines += _names(entry, version)
    lines += [_line("EMAIL", _text(address), TYPE="work") for address in entry.addresses]
    lines += [_line("TEL", _text(number), TYPE="work,voice") for number in entry.telephones]
    lines += [_line("TEL", _text(number), TYPE="work,fax") for number in entry.faxes]
    if numbers:
        lines += private(entry)
    if around.offices:
        lines.append(_line("ORG", ";".join(map(_text, around.offices))))
    if entry.title:
        lines.append(_line("TITLE", _text(entry.title)))
    lines += _holders(around, version)
    lines += _members(around.members, version)
    if around.photo:
        lines.append(_photo(around.photo, version))
    return Component("VCARD", lines)


def private(entry: Listing) -> list[Line]:
    """The numbers that not everybody may see."""
    return [_line("TEL", _text(number), TYPE="cell,voice") for number in entry.mobiles] + [
        _line("TEL", _text(number), TYPE="home,voice") for number in entry.home_phones
    ]


def one_line(value: str) -> str:
    """Without controls, and without spaces that nobody sees."""
    return " ".join(_CONTROLS.sub(" ", value).split())


def _kind(entry: Listing, version: str) -> Iterator[Line]:
    if version == V4:
        words = {ListingKind.LIST: "group", ListingKind.POST: "org"}
        yield _line("KIND", words.get(entry.kind, "individual"))
    elif entry.kind is ListingKind.LIST:
        yield _line("X-ADDRESSBOOKSERVER-KIND", "group")
    elif entry.kind is ListingKind.POST:
        yield _line("X-ABSHOWAS", "COMPANY")


def _names(entry: Listing, version: str) -> Iterator[Line]:
    """In all languages: as alternatives where the version has them, and as nicknames for all programs."""
    others = sorted(entry.names.items())
    if version == V4 and others:
        yield _line("FN", _text(entry.name), ALTID="1", LANGUAGE="en")
        for language, name in others:
            yield _line("FN", _text(name), ALTID="1", LANGUAGE=language)
    else:
        yield _line("FN", _text(entry.name))
    parts = (entry.family_name, entry.given_name) if entry.family_name else (entry.name, "")
    yield _line("N", ";".join((*map(_text, parts), "", "", "")))
    if others:
        yield _line("NICKNAME", ",".join(_text(name) for _, name in others))


def _holders(around: Around, version: str) -> Iterator[Line]:
    if not around.holders:
        return
    yield _line("NOTE", _text("Held by " + ", ".join(name for _, name in around.holders)))
    if version == V4:
        for id_, _ in around.holders:
            yield _line("RELATED", f"urn:uuid:{id_}", TYPE="agent")


def _members(members: Iterable[str], version: str) -> Iterator[Line]:
    name = "MEMBER" if version == V4 else "X-ADDRESSBOOKSERVER-MEMBER"
    for each in members:
        yield _line(name, each if each.startswith("mailto:") else f"urn:uuid:{each}")


def _photo(octets: bytes, version: str) -> Line:
    data = base64.b64encode(octets).decode()
    if version == V4:
        return _line("PHOTO", f"data:image/jpeg;base64,{data}")
    return _line("PHOTO", data, ENCODING="b", TYPE="JPEG")


def _uid(id_: str, version: str) -> str:
    return f"urn:uuid:{id_}" if version == V4 else id_


def _text(value: str) -> str:
    """A text value with its escapes, on one line.  RFC 6350 3.4"""
    return one_line(value).replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")


def _line(name: str, value: str, **params: str) -> Line:
    told = "".join(f";{each}={text}" for each, text in params.items())
    return Line(name, params, value, f"{name}{told}:{value}")
