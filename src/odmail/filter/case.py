"""A message before the checks: what is known of it, each thing computed once and only if a check asks."""

from functools import cached_property

from odmail.message.model import Parsed
from odmail.message.parse import parse
from odmail.queue.model import Envelope, Origin
from odmail.queue.verdict import Finding


class Case:
    """`findings` holds what earlier checks found; `domains` vouch for the message by SPF or DKIM."""

    def __init__(
        self,
        envelope: Envelope,
        origin: Origin,
        octets: memoryview,
        header_size: int,
        *,
        outside: bool,
        findings: tuple[Finding, ...] = (),
        domains: frozenset[str] = frozenset(),
        author: str = "",
        aligned: bool = False,
    ) -> None:
        """`octets` are those of the client; `outside`: the client is none of ours; `author`: the From address,
        for which, when `aligned`, one of `domains` may speak.
        """
        self.envelope = envelope
        self.origin = origin
        self.octets = octets
        self.header_size = header_size
        self.outside = outside
        self.findings = list(findings)
        self.domains = domains
        self.author = author
        self.aligned = aligned

    @cached_property
    def header(self) -> bytes:
        """The fields, without the empty line."""
        return bytes(self.octets[: self.header_size])

    @cached_property
    def parsed(self) -> Parsed:
        """Its parts."""
        return parse(self.octets)

    @property
    def score(self) -> float:
        """So far."""
        return sum(each.score for each in self.findings)

    def read(self, offset: int, length: int) -> bytes:
        """Some octets."""
        return bytes(self.octets[offset : offset + length])
