"""Whether the people in open sessions may still be there: disabled, expired, handed over, revoked, password changed.

A change of the directory is told over the bus, and the sessions it may concern are looked at once. Hints may be lost,
and charges and contracts end by the calendar: so all are looked at every few seconds, in one piece of blocking work,
which the directory's cache answers.
"""

from collections.abc import Callable, Iterable, Sequence, Set
from typing import Protocol

import structlog
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from odcore.bus.api import Bus, DirectoryChanged
from odcore.identity.api import Principal, SignIn
from odcore.net.hop import Hop

log = structlog.get_logger()

_PERIOD = 4.0


class Guest(Protocol):
    """A session as far as its end is concerned."""

    @property
    def principal(self) -> Principal | None:
        """Who signed in."""

    def show_out(self) -> None:
        """Tell the client that its access has ended, and hang up, whatever is going on."""


class Standing:
    """Looks at the sessions of one service. For the reactor thread."""

    def __init__(
        self, guests: Callable[[], Iterable[Guest]], sign_in: SignIn, hop: Hop, bus: Bus, reactor: IReactorTime
    ) -> None:
        self._guests = guests
        self._sign_in = sign_in
        self._hop = hop
        self._bus = bus
        self._clock = LoopingCall(self._look_at_all)
        self._clock.clock = reactor
        self._looking = False
        self._unsubscribe: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin to look."""
        self._unsubscribe = self._bus.subscribe(DirectoryChanged, lambda changed: self._changed(frozenset(changed.ids)))
        self._clock.start(_PERIOD, now=False)

    def stop(self) -> None:
        """End it."""
        self._unsubscribe()
        if self._clock.running:
            self._clock.stop()

    def _changed(self, ids: Set[str]) -> None:
        self._look([guest for guest in self._guests() if _concerns(guest.principal, ids)])

    def _look_at_all(self) -> None:
        if not self._looking:  # the directory may be slow: one look after the other
            self._looking = True
            self._look([guest for guest in self._guests() if guest.principal is not None], self._looked)

    def _looked(self) -> None:
        self._looking = False

    def _look(self, guests: Sequence[Guest], then: Callable[[], None] = lambda: None) -> None:
        if not guests:
            then()
            return
        principals = [guest.principal for guest in guests]

        def show_out(stays: Sequence[bool]) -> None:
            for guest, principal, stay in zip(guests, principals, stays, strict=True):
                if not stay and guest.principal is principal is not None:
                    log.info("access-ended", person=principal.person.uid)
                    guest.show_out()

        looking = self._hop.call(self._stay, principals)
        looking.addCallback(show_out).addErrback(_report).addBoth(lambda _: then())

    def _stay(self, principals: Sequence[Principal | None]) -> list[bool]:
        """Blocks. One session's bug must not hide the others."""
        stays = []
        for principal in principals:
            try:
                stays.append(principal is None or self._sign_in.still_valid(principal))
            except Exception:
                log.exception("bug")
                stays.append(True)
        return stays


def _concerns(principal: Principal | None, ids: Set[str]) -> bool:
    return principal is not None and not ids.isdisjoint((principal.person.id, principal.account.id))


def _report(failure: Failure) -> None:
    log.error("bug", exception=failure.getTraceback())
