"""A multistatus of many files, written as text: what is asked of them is nearly always plain.  RFC 4918 13

Building a tree of elements for each of ten thousand files, to write it out again, takes ten times as long.
"""

from collections.abc import Iterable
from email.utils import formatdate
from typing import Any
from xml.sax.saxutils import escape

from wsgidav import util, xml_tools

from oddav.drive.store.model import Node
from oddav.wsgidav.resources import Kept

_HEAD = b"<?xml version='1.0' encoding='UTF-8'?>\n<D:multistatus xmlns:D=\"DAV:\">"
_TAIL = b"</D:multistatus>"
_FOLDER = "<D:resourcetype><D:collection/></D:resourcetype>"

_PLAIN = frozenset(
    f"{{DAV:}}{name}"
    for name in ("resourcetype", "creationdate", "getlastmodified", "getcontentlength", "getcontenttype", "getetag")
)


def multistatus(resources: Iterable[Any], mode: str, names: list[str]) -> bytes:
    """`mode` is WsgiDAV's: allprop, name or named."""
    parts = [_HEAD]
    plain = mode == "named" and _PLAIN.issuperset(names)
    for each in resources:
        href = each.get_href()
        if isinstance(each, Kept) and (plain or (mode == "allprop" and not names and not each.properties)):
            wanted = names if plain else each.get_property_names(is_allprop=True)
            parts.append(_written(href, each.node, wanted).encode())
        else:
            parts.append(_built(each, mode, names))
    parts.append(_TAIL)
    return b"".join(parts)


def _written(href: str, node: Node, names: Iterable[str]) -> str:
    """One response."""
    found, missing = [], []
    for name in names:
        local = name[len("{DAV:}") :]
        value = _value(node, local)
        if value is None:
            missing.append(f"<D:{local}/>")
        else:
            found.append(value)
    told = f"<D:response><D:href>{escape(href)}</D:href>"
    if found:
        told += f"<D:propstat><D:prop>{''.join(found)}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
    if missing:
        status = "<D:status>HTTP/1.1 404 Not Found</D:status>"
        told += f"<D:propstat><D:prop>{''.join(missing)}</D:prop>{status}</D:propstat>"
    return told + "</D:response>"


def _value(node: Node, local: str) -> str | None:
    """The element; None for what it does not have."""
    if local == "resourcetype":
        return _FOLDER if node.folder else "<D:resourcetype/>"
    if local == "getlastmodified" and node.changed:
        text = formatdate(node.changed, usegmt=True)
    elif local == "creationdate" and node.created:
        text = util.get_rfc3339_time(node.created)
    elif node.folder:
        return None
    elif local == "getcontentlength":
        text = str(node.size)
    elif local == "getcontenttype":
        text = escape(node.mime)
    elif local == "getetag" and node.etag:
        text = f'"{node.etag}"'
    else:
        return None
    return f"<D:{local}>{text}</D:{local}>"


def _built(resource: Any, mode: str, names: list[str]) -> bytes:
    """The same by WsgiDAV, for all that is not plain."""
    if mode == "named":
        found = resource.get_properties("named", name_list=names)
    else:
        found = resource.get_properties(mode)
        found += resource.get_properties("named", name_list=names) if names else []
    whole = xml_tools.make_multistatus_el()
    util.add_property_response(whole, resource.get_href(), found)
    octets: bytes = xml_tools.xml_to_bytes(whole[0], pretty=False)
    return octets.partition(b"?>")[2] if octets.startswith(b"<?xml") else octets
