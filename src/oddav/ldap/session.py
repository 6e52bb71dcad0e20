"""One client's session: one operation at a time, in the order they came.  RFC 4511 3.1

A client may send many at once and gets the answers in its order, so that nothing is ever going on when it abandons it.
"""

from collections.abc import Callable, Mapping
from typing import Concatenate, ParamSpec, TypeVar

import structlog

from odcore import clock, ids
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.later import Disconnected, drive
from odcore.session.conversation import Conversation
from odcore.session.ports import Connection
from oddav.ldap import reader, writer
from oddav.ldap.ber import MOST, Broken, Frames
from oddav.ldap.ports import House
from oddav.ldap.registry import Verb
from oddav.ldap.types import Code, Entry, Refused, Result

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()

CODES: dict[Kind, Code] = {
    Kind.NOT_FOUND: Code.NO_SUCH_OBJECT,
    Kind.EXISTS: Code.OTHER,
    Kind.DENIED: Code.INSUFFICIENT_ACCESS_RIGHTS,
    Kind.LOGIN: Code.INVALID_CREDENTIALS,
    Kind.OVER_QUOTA: Code.OTHER,
    Kind.NO_SPACE: Code.UNAVAILABLE,
    Kind.TOO_BIG: Code.ADMIN_LIMIT_EXCEEDED,
    Kind.LIMIT: Code.BUSY,
    Kind.BAD_REQUEST: Code.UNWILLING_TO_PERFORM,
    Kind.UNSUPPORTED: Code.UNWILLING_TO_PERFORM,
    Kind.CONFLICT: Code.OTHER,
    Kind.EXPUNGED: Code.NO_SUCH_OBJECT,
    Kind.IN_USE: Code.BUSY,
    Kind.HELD: Code.OTHER,
    Kind.TRY_LATER: Code.UNAVAILABLE,
    Kind.INTERNAL: Code.OTHER,
}
"""What each kind of failure is called on the wire."""


class Session(Conversation):
    """See the module's docstring. Verbs use what has no underscore."""

    house: House

    def __init__(self, house: House, verbs: Mapping[int, Verb], connection: Connection) -> None:
        super().__init__(house, connection)
        self.verbs = verbs
        self.rest: list[Entry] = []  # what a client has not fetched yet of results in pages
        self.cookie = b""  # what it says to get them
        self.cut = False  # there was more than is told in all
        self._frames = Frames()

    # What the socket's owner calls.

    def start(self) -> None:
        """Listen: the client speaks first."""
        drive(self._run())

    def take(self, data: bytes) -> None:
        """See `odcore.session.conversation`."""
        self._frames.feed(data)

    @property
    def is_flooded(self) -> bool:
        """See `odcore.session.conversation`."""
        return self._frames.waiting > MOST

    def end(self, text: str, code: Code = Code.UNAVAILABLE) -> None:
        """Say why and hang up, whatever is going on.  RFC 4511 4.4.1"""
        if not self.closing:
            self.write(writer.disconnection(code, text))
            self.hang_up()

    def dismiss(self) -> None:
        """See `odcore.session.conversation`."""
        self.end("Too many failures.", Code.STRONGER_AUTH_REQUIRED)

    # What verbs use.

    async def work(self, function: Callable[Concatenate[Principal, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Blocking work for whoever signed in and still may: charges end, passwords change. Refused for nobody."""
        principal = self.principal
        if principal is None:
            raise Refused(Code.INSUFFICIENT_ACCESS_RIGHTS, "Sign in with your name and password to search.")

        def run() -> tuple[T] | None:
            return (function(principal, *args, **kwargs),) if self.house.sign_in.still_valid(principal) else None

        done = await self.call(run)
        if done is None:
            self.end("Access has ended.", Code.STRONGER_AUTH_REQUIRED)
            raise Disconnected
        return done[0]

    def forget_pages(self) -> None:
        """Nothing is left to be fetched."""
        self.rest, self.cookie, self.cut = [], b"", False

    # The conversation.

    async def _run(self) -> None:
        try:
            while not self.closing:
                await self._operate(await self._message())
                await self.room()
        except Disconnected:
            pass
        except Broken as broken:
            self.end(f"That is not LDAP: {broken}.", Code.PROTOCOL_ERROR)
        except Exception as error:
            log.exception("session ended by a bug", session=self.id, error=type(error).__name__)
            self.end("Internal error.", Code.OTHER)

    async def _message(self) -> reader.Message:
        while (octets := self._frames.next()) is None:
            await self._input()
        return reader.message(octets)

    async def _operate(self, message: reader.Message) -> None:
        began = clock.monotonic()
        verb = self.verbs.get(message.tag)
        if verb is None:
            raise Broken("there is no such operation")
        result = await self._guard(verb, message)
        if result is not None and verb.answer is not None:
            self.write(writer.response(message.id, verb.answer, result))
        outcome = "ok" if result is None or result.code in _WELL else "err"
        self.house.measure(verb.name, outcome, clock.monotonic() - began)
        self.proceed()

    async def _guard(self, verb: Verb, message: reader.Message) -> Result | None:
        """Run, and turn whatever goes wrong into an answer."""
        try:
            if any(each.critical and each.name not in verb.controls for each in message.controls):
                return Result(Code.UNAVAILABLE_CRITICAL_EXTENSION, "There is no such control.")
            return await verb.run(self, message)
        except Disconnected:
            raise
        except Refused as refused:
            return refused.result
        except Broken as broken:
            return Result(Code.PROTOCOL_ERROR, f"That cannot be read: {broken}.")
        except Fault as fault:
            return Result(CODES[fault.kind], fault.text)
        except Exception as error:
            reference = ids.readable(8)
            log.exception("bug", session=self.id, reference=reference, error=type(error).__name__)
            return Result(Code.OTHER, f"Internal error, reference {reference}.")


_WELL = frozenset({Code.SUCCESS, Code.SIZE_LIMIT_EXCEEDED, Code.COMPARE_TRUE, Code.COMPARE_FALSE})
