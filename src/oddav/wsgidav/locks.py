"""WsgiDAV's lock manager over the store's locks, for one request.  RFC 4918 6, 9.10"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, unquote

from wsgidav.dav_error import DAVError

from odcore import clock, ids
from odcore.errors import Fault, Kind
from oddav.drive.store.model import Caller, Lock
from oddav.drive.store.ops.locks import refuse
from oddav.drive.view import Place, View, Way
from oddav.wsgidav.faults import faults, told

_USUAL, _LONGEST = 3600, 86400  # seconds; clients refresh what they still need
_LARGEST_OWNER = 4096  # octets

Shown = dict[str, Any]


class Locks:
    """Which of these methods are called, and what a lock is as a dict, is WsgiDAV's to say."""

    def __init__(self, view: View) -> None:
        self._view = view

    def acquire(
        self,
        *,
        url: str,
        lock_type: str,
        lock_scope: str,
        lock_depth: str,
        lock_owner: bytes,
        timeout: int | None,
        principal: str,
        token_list: Collection[str],
    ) -> Shown:
        """Check and insert are one transaction."""
        with faults():
            place = self._place(url).to_change()
        if len(lock_owner) > _LARGEST_OWNER:
            raise DAVError(400, "The lock's owner is too long.")
        token, deep = f"urn:uuid:{ids.uuid7()}", int(lock_depth == "infinity")
        exclusive = int(lock_scope == "exclusive")
        lock = Lock(token, place.path, exclusive, deep, principal, lock_owner, _until(timeout))
        try:
            place.drive.lock(lock)
        except Fault as fault:
            in_use = fault.kind is Kind.IN_USE
            raise told(fault, "{DAV:}no-conflicting-lock" if in_use else None) from fault
        return _shown(place, lock)

    def check_write_permission(self, *, url: str, depth: str, token_list: Collection[str], principal: str) -> None:
        """An early answer; what counts is the store's own check in the transaction of the change."""
        with faults():
            place = self._place(url)
            refuse(place.drive.locks(), Caller(principal, frozenset(token_list)), place.path, depth == "infinity")

    @contextmanager
    def write_transaction(self, *, url: str, token_list: Collection[str], principal: str) -> Iterator[None]:
        """Not needed: see above."""
        yield

    def refresh(self, token: str, *, timeout: int | None = None) -> Shown:
        place, _ = self._known(token)
        place.drive.refresh(token, _until(timeout))
        return _shown(*self._known(token))

    def get_lock(self, token: str, *, key: str | None = None) -> Any:
        found = self._find(token)
        shown = _shown(*found) if found else None
        return shown if key is None or shown is None else shown[key]

    def release(self, token: str) -> None:
        place, _ = self._known(token)
        place.drive.unlock(token)

    def is_token_locked_by_user(self, token: str, principal: str) -> bool:
        return bool(self.get_lock(token, key="principal") == principal)

    def is_url_locked_by_token(self, url: str, lock_token: str) -> bool:
        with faults():
            asked, found = self._place(url), self._find(lock_token)
        return bool(found and found[0].prefix == asked.prefix and found[1].covers(asked.path))

    def get_url_lock_list(self, url: str, *, recursive: bool = False) -> list[Shown]:
        """For lockdiscovery: all that lock this resource."""
        return self.get_indirect_url_lock_list(url)

    def get_indirect_url_lock_list(self, url: str, *, principal: str | None = None) -> list[Shown]:
        with faults():
            place = self._view.look(unquote(url))
        if isinstance(place, Way):
            return []
        locks = [lock for lock in place.drive.locks() if lock.covers(place.path)]
        return [_shown(place, lock) for lock in locks if principal in (None, lock.person)]

    def _place(self, url: str) -> Place:
        return self._view.place(unquote(url))

    def _find(self, token: str) -> tuple[Place, Lock] | None:
        """In whatever drive is seen."""
        for place in self._view.places():
            for lock in place.drive.locks():
                if lock.token == token:
                    return place, lock
        return None

    def _known(self, token: str) -> tuple[Place, Lock]:
        found = self._find(token)
        if found is None:
            raise DAVError(412, "There is no such lock.", err_condition="{DAV:}lock-token-matches-request-uri")
        return found


def _until(timeout: int | None) -> int:
    """-1 is for ever."""
    seconds = _USUAL if timeout is None else _LONGEST if timeout < 0 else timeout
    return clock.timestamp() + min(seconds, _LONGEST)


def _shown(place: Place, lock: Lock) -> Shown:
    return {
        "root": quote(place.shown(lock.path)),
        "type": "write",
        "scope": "exclusive" if lock.exclusive else "shared",
        "depth": "infinity" if lock.deep else "0",
        "owner": lock.owner,
        "timeout": max(lock.expires - clock.timestamp(), 1),
        "expire": lock.expires,
        "principal": lock.person,
        "token": lock.token,
    }
