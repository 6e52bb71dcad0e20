"""Of all reports: how many are wanted, that there are more, what is not there.  RFC 6578 3.6, RFC 6352 8.6.2"""

from http import HTTPStatus
from xml.etree.ElementTree import Element

from oddav.radicale import xml
from oddav.radicale.place import Place


def limit(request: Element, most: int) -> int:
    """As many as the client wants, and not more than `most`."""
    told = next((each.text or "" for each in request.iter() if each.tag.endswith("}nresults")), "").strip()
    return max(min(int(told), most), 1) if told.isascii() and told.isdigit() and len(told) < 10 else most


def cut(place: Place) -> str:
    """There are more than were told."""
    return xml.status(place.path, HTTPStatus.INSUFFICIENT_STORAGE, "<D:number-of-matches-within-limits/>")


def missing(text: str) -> str:
    """An href that was asked for and leads nowhere."""
    return f"<D:response><D:href>{xml.text(text.strip())}</D:href>{xml.status_line(HTTPStatus.NOT_FOUND)}</D:response>"
