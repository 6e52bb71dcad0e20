"""Faults as WebDAV tells them: a status and, where the standard has one, the name of what failed.  RFC 4918 16"""

from collections.abc import Iterator
from contextlib import contextmanager

from wsgidav.dav_error import DAVError

from odcore.errors import Fault, Kind
from odcore.web.faults import RETRY_AFTER, STATUS

_STATUS = {
    Kind.EXPUNGED: 412,  # it is not as the client said it must be
    Kind.LIMIT: 507,
}

_CONDITION = {
    Kind.IN_USE: "{DAV:}lock-token-submitted",
    Kind.OVER_QUOTA: "{DAV:}quota-not-exceeded",  # RFC 4331 6
}


def told(fault: Fault, condition: str | None = None) -> DAVError:
    """What WsgiDAV raises for it."""
    status = _STATUS.get(fault.kind) or int(STATUS[fault.kind][:3])
    wait = RETRY_AFTER.get(fault.kind)
    headers = [("Retry-After", wait)] if wait and status == 503 else None
    condition = condition or _CONDITION.get(fault.kind)
    return DAVError(status, fault.text, err_condition=condition, add_headers=headers)


@contextmanager
def faults() -> Iterator[None]:
    """Around what asks the store."""
    try:
        yield
    except Fault as fault:
        raise told(fault) from fault
