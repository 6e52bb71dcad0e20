"""A message on its way in: header revised, trace put in front, body streamed through untouched."""

from collections.abc import Callable

from odcore.blob.api import Source
from odcore.blob.incoming import Incoming
from odcore.errors import Fault, Kind
from odmail.delivery.ports import Delivered
from odmail.delivery.trace import MOST_HOPS, hops

MAX_HEADER = 1 << 20
"""Octets of a header that are looked at."""

_END = b"\r\n\r\n"


class Arrival:
    """`odmail.delivery.ports.Inbound` for every service; what differs comes as functions."""

    def __init__(
        self,
        incoming: Incoming,
        trace: bytes,
        revise: Callable[[bytes], bytes] | None,
        hand_over: Callable[[Source], Delivered],
        max_size: int,
        *,
        inspected: bool = False,
    ) -> None:
        """`revise` gets the header's fields and gives those to keep, None keeps them; `hand_over` makes it durable.

        What is `inspected` is handed over to be looked at, and written anew by whoever takes it.
        """
        self._incoming = incoming
        self._trace = trace
        self._revise = revise
        self._hand_over = hand_over
        self._room = max_size
        self._inspected = inspected
        self._header: bytearray | None = bytearray()
        self._fault: Fault | None = None

    def write(self, data: bytes) -> None:
        """A refusal is remembered and told by `finish`; from then on octets are dropped."""
        self._room -= len(data)
        if self._room < 0:
            self._refuse(Fault(Kind.TOO_BIG, "The message is too big."))
        if self._fault is not None:
            return
        if self._header is None:
            self._incoming.write(data)
        else:
            self._collect(data)

    def finish(self) -> Delivered:
        """Durable when it returns, and nothing is left; what fails is there to be finished later, or discarded."""
        delivered = self._hand_over(self.whole())
        self._incoming.discard()
        return delivered

    def whole(self) -> Source:
        """All octets, which are here now, before they are handed over. Fault when the message is refused."""
        if self._header is not None and self._fault is None:
            self._end_header(len(self._header))  # a message without a body
        if self._fault is not None:
            raise self._fault
        return self._incoming.look() if self._inspected else self._incoming.finish()

    def discard(self) -> None:
        """The transaction was given up."""
        self._incoming.discard()

    def _refuse(self, fault: Fault) -> None:
        self._fault = self._fault or fault
        self._incoming.discard()

    def _collect(self, data: bytes) -> None:
        """Keep octets until the header is complete."""
        assert self._header is not None
        start = max(0, len(self._header) - len(_END) + 1)
        self._header += data
        if self._header.startswith(b"\r\n"):
            self._end_header(0)
            return
        end = self._header.find(_END, start)
        if (len(self._header) if end < 0 else end) > MAX_HEADER and self._revise is not None:
            # what must be checked must be short enough to check; what is only passed on may go on
            self._refuse(Fault(Kind.TOO_BIG, "The message's header is too big."))
        elif end >= 0:
            self._end_header(end + 2)
        elif len(self._header) > MAX_HEADER:
            self._end_header(len(self._header))

    def _end_header(self, end: int) -> None:
        """`end`: where the fields end; the empty line and the body's first octets follow."""
        assert self._header is not None
        collected, self._header = bytes(self._header), None
        fields = collected[:end]
        try:
            if hops(fields) > MOST_HOPS:
                raise Fault(Kind.UNSUPPORTED, "Too many hops: the message goes around in a circle.")
            if self._revise is not None:
                fields = self._revise(fields)
        except Fault as fault:
            self._refuse(fault)
            return
        self._incoming.write(self._trace + fields + collected[end:])
