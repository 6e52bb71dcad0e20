"""What a method answers, and what each failure is called in DAV.  RFC 4918 16, RFC 4791 1.3, RFC 6352 6.3.2.1"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from odcore.errors import Fault, Kind
from odcore.web.faults import RETRY_AFTER, STATUS
from oddav.radicale import xml

Answer = tuple[int, dict[str, str], bytes | None, None]
"""Radicale's: status, headers, body, and the request for its log, which we do not keep."""

_PLAIN = "text/plain; charset=utf-8"


class Condition(Exception):
    """A precondition that was not met: the element that names it."""

    def __init__(self, status: HTTPStatus, element: str) -> None:
        super().__init__(element)
        self.status = status
        self.element = element


def answer(status: HTTPStatus, body: bytes | None = None, **headers: str) -> Answer:
    """Header names have underscores for hyphens."""
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, body, None


def multistatus(responses: list[str], **headers: str) -> Answer:
    """207"""
    body = xml.document("D:multistatus", responses)
    return answer(HTTPStatus.MULTI_STATUS, body, Content_Type=xml.TYPE, **headers)


def method(work: Callable[..., Answer]) -> Callable[..., Answer]:
    """A method of the application: faults and conditions become answers, for Radicale would make a bug of them."""

    @wraps(work)
    def called(*given: Any) -> Answer:
        try:
            return work(*given)
        except Condition as unmet:
            body = xml.document("D:error", [unmet.element])
            return answer(unmet.status, body, Content_Type=xml.TYPE)
        except RecursionError:
            return answer(HTTPStatus.BAD_REQUEST, b"The request is nested too deeply.\n", Content_Type=_PLAIN)
        except Fault as fault:
            code = HTTPStatus(int(STATUS[fault.kind][:3]))
            if fault.kind is Kind.CONFLICT:
                code = HTTPStatus.PRECONDITION_FAILED
            later = {"Retry_After": RETRY_AFTER[fault.kind]} if fault.kind in RETRY_AFTER else {}
            return answer(code, f"{fault.text}\n".encode(), Content_Type=_PLAIN, **later)

    return called


def forbidden(prefixed: str) -> Condition:
    """403 with a condition's name."""
    return Condition(HTTPStatus.FORBIDDEN, f"<{prefixed}/>")
