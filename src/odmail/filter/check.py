"""What a check is: a name, a place in the order, and a function from a case to findings."""

from collections.abc import Callable, Iterable

import msgspec

from odcore.net.dns import Resolver
from odmail.filter.case import Case
from odmail.filter.memory import Memory
from odmail.filter.scanner import Scanner
from odmail.filter.settings import FilterSettings
from odmail.queue.verdict import Finding


class Tools(msgspec.Struct, frozen=True):
    """What checks may use. Without `resolver` nothing is asked of the DNS."""

    settings: FilterSettings
    memory: Memory
    resolver: Resolver | None = None
    is_ours: Callable[[str], bool] = lambda _: False
    clamav: Scanner = msgspec.field(default_factory=Scanner)
    rspamd: Scanner = msgspec.field(default_factory=Scanner)


class Check(msgspec.Struct, frozen=True):
    """`outside`: only for clients that are none of ours. Checks run in the order of `place`, cheap ones first."""

    name: str
    place: int
    run: Callable[[Case, Tools], Iterable[Finding]]
    outside: bool = False
