"""What a check is given, and what it says."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

import msgspec

from odcore.errors import Fault, Kind
from odcore.net.dns import Mx, Resolver, Srv, Tlsa
from odcore.net.tls import KeyPair
from odmail.transport.sts import Policy
from odmail.trust.dkim_keys import Keys

Found = TypeVar("Found")


class Source(Resolver, Protocol):
    """The DNS, with what only this wants to know."""

    def srv(self, name: str) -> tuple[Srv, ...]:
        """Where a service is."""

    def alias(self, name: str) -> str:
        """Of what a name is an alias."""

    def any_tlsa(self, name: str) -> tuple[Tlsa, ...]:
        """Validated or not."""

    @property
    def trusted(self) -> bool:
        """Is its word on validation believed?"""


class Case(msgspec.Struct, frozen=True):
    """A domain of ours, or the server itself: then `domain` is ""."""

    domain: str
    host: str
    source: Source
    keys: Keys
    fetch: Callable[[str], bytes]  # a domain's MTA-STS policy, or Fault
    certificates: tuple[KeyPair, ...]
    ports: dict[str, int]  # by service; 0: not offered
    relay: str = ""  # who sends for us
    policy: Policy | None = None  # the MTA-STS policy that we serve
    names: tuple[str, ...] = ()  # of ours that others ask for over TLS
    vouched: str = ""  # the record with the digest of the document about our servers

    def texts(self, name: str) -> tuple[bytes, ...]:
        """() also for a name that does not exist."""
        return none_for_missing(self.source.txt, name)

    def exchangers(self) -> tuple[Mx, ...]:
        """The domain's."""
        return none_for_missing(self.source.mx, self.domain)

    def addresses(self, host: str) -> tuple[str, ...]:
        """All of a host."""
        return none_for_missing(self.source.addresses, host)

    def certified(self, host: str) -> bool:
        """Is a certificate of ours for this name?"""
        name = host.lower()
        names = frozenset[str]().union(*(pair.names() for pair in self.certificates))
        return name in names or f"*.{name.partition('.')[2]}" in names


class Verdict(msgspec.Struct, frozen=True):
    """One line. `records` is what to put into the DNS, ready for a zone file."""

    well: bool
    text: str
    records: tuple[str, ...] = ()
    warning: bool = False  # may be intended


class Check(msgspec.Struct, frozen=True):
    """`place` sorts; one of the server is made once, the others for each domain."""

    area: str
    place: int
    look: Callable[[Case], Iterator[Verdict]]
    of_server: bool = False


def good(text: str) -> Verdict:
    """As it should be."""
    return Verdict(True, text)


def doubtful(text: str, *records: str) -> Verdict:
    """Mail works, but something is missing, or may be intended."""
    return Verdict(True, text, records, warning=True)


def bad(text: str, *records: str) -> Verdict:
    """Mail is refused, lost, or easily forged."""
    return Verdict(False, text, records)


def txt(name: str, text: str) -> str:
    """A record for a zone file."""
    return f'{name}. IN TXT "{text}"'


def none_for_missing(question: Callable[[str], tuple[Found, ...]], name: str) -> tuple[Found, ...]:
    """A name that does not exist has no records."""
    try:
        return question(name)
    except Fault as fault:
        if fault.kind is Kind.NOT_FOUND:
            return ()
        raise


def listed(names: Iterable[str]) -> str:
    """For a sentence."""
    return ", ".join(names)
