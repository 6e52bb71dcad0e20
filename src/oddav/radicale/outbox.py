"""POST to an outbox: who is free?  RFC 6638 5"""

from http import HTTPStatus
from typing import Any

from odcore.errors import Fault, Kind
from oddav.itip.model import Unmet
from oddav.radicale import xml
from oddav.radicale.answers import Answer, answer, forbidden
from oddav.radicale.place import Place
from oddav.radicale.visit import Visit
from oddav.scheduling.freebusy import Answered, asked
from oddav.store.model import Kind as Holds

_CONTENT = xml.name("C:calendar-data")


def post(visit: Visit, place: Place, environ: dict[str, Any]) -> Answer | None:
    """None where it is no outbox."""
    owner, name = visit.at(place.owner, place.collection)
    with visit.home(owner).view() as view:
        collection = next((each for each in view.collections() if each.name == name), None)
    if place.is_resource or collection is None or collection.kind != Holds.OUTBOX:
        return None
    if not environ.get("CONTENT_TYPE", "").lower().startswith("text/calendar"):
        raise forbidden("C:supported-calendar-data")
    try:
        question = asked(environ["wsgi.input"].read())
    except Unmet as unmet:
        raise forbidden(f"C:{unmet}") from unmet
    except Fault as fault:
        if fault.kind is not Kind.BAD_REQUEST:
            raise
        raise forbidden("C:valid-calendar-data") from fault
    if question.organizer not in owner.user.mine | visit.actor:
        raise forbidden("C:valid-organizer")
    told = "".join(map(_response, visit.free_busy.ask(question)))
    return answer(HTTPStatus.OK, xml.document("C:schedule-response", [told]), Content_Type=xml.TYPE)


def _response(told: Answered) -> str:
    found = xml.element(_CONTENT, xml.text(told.octets.decode())) if told.octets else ""
    return (
        f"<C:response><C:recipient><D:href>{xml.text(told.recipient)}</D:href></C:recipient>"
        f"<C:request-status>{told.status}</C:request-status>{found}</C:response>"
    )
