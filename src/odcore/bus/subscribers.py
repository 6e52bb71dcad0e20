"""Who wants which messages, within one process."""

from collections.abc import Callable
from typing import Any

import msgspec
import structlog

from odcore.bus.api import Message, Wanted
from odcore.bus.frames import tag_of

log = structlog.get_logger()


class Subscribers:
    """Calls by tag; each call's bug stays its own."""

    def __init__(self) -> None:
        self._calls: dict[str, list[Callable[[Any], None]]] = {}
        self._decoders: dict[str, msgspec.msgpack.Decoder[Any]] = {}

    def add(self, kind: type[Message], call: Callable[[Message], None]) -> Callable[[], None]:
        """`call` with each message of `kind`, until the returned function is called."""
        tag = tag_of(kind)
        self._decoders.setdefault(tag, msgspec.msgpack.Decoder(kind))
        calls = self._calls.setdefault(tag, [])
        calls.append(call)

        def end() -> None:
            if call in calls:
                calls.remove(call)

        return end

    @property
    def wanted(self) -> Wanted:
        """For the hub."""
        return Wanted(frozenset(self._calls))

    def decode(self, tag: str, payload: bytes) -> msgspec.Struct | None:
        """The message, None when nobody here wants it or it is not understood (a newer process sent it)."""
        if not self._calls.get(tag):
            return None
        try:
            message: msgspec.Struct = self._decoders[tag].decode(payload)
        except msgspec.DecodeError as error:
            log.warning("hint-not-understood", tag=tag, reason=str(error))
            return None
        return message

    def deliver(self, message: msgspec.Struct) -> None:
        """Tell everyone who asked."""
        for call in tuple(self._calls.get(tag_of(type(message)), ())):
            try:
                call(message)
            except Exception:
                log.exception("subscriber-failed", tag=tag_of(type(message)))
