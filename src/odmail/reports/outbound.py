"""Our reports to other domains, once for each day and domain.  RFC 9990, RFC 8460

An hourly duty of the queue worker. A report is in the queue before what it tells of is forgotten: a crash in between
tells twice, under two report ids, rather than never.
"""

import gzip
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import structlog

from odcore import clock
from odcore.blob.incoming import Memory
from odcore.errors import Fault, Kind
from odmail.queue.api import Accept, Queue
from odmail.queue.model import Envelope, Origin, Recipient
from odmail.reports.addresses import Wanted
from odmail.reports.letter import Letter, compose
from odmail.reports.model import Kind as Sort
from odmail.reports.seen import Seen
from odmail.reports.tally import DAY

log = structlog.get_logger()

_GRACE = 3600
"""Seconds after midnight, for what other processes have not written yet."""

_TRIED = 3
"""Days for which a domain whose DNS is silent is asked again."""

_LARGEST = 10 << 20
"""Octets of a message when its receiver does not say how many it takes."""


class Author(Protocol):
    """One kind of report: `dmarc_author`, `tls_author`."""

    kind: Sort

    def wanted(self, domain: str) -> list[Wanted]:
        """Who wants it. Fault TRY_LATER when the DNS is silent."""

    def write(self, day: int, domain: str, seen: Sequence[tuple[str, int]]) -> Letter:
        """The report."""


class Outbound:
    """Writes and sends them."""

    def __init__(
        self,
        host: str,
        domain: Callable[[], str],
        queue: Queue,
        seen: Seen,
        authors: Iterable[Author],
        post: Callable[[str, bytes], None],
    ) -> None:
        """`domain` is the one we write as; `post` takes an https: URI and a packed report, or raises Fault."""
        self._host = host
        self._domain = domain
        self._queue = queue
        self._seen = seen
        self._authors = tuple(authors)
        self._post = post

    def send_due(self) -> int:
        """All that is due; how many reports were sent."""
        today = (clock.timestamp() - _GRACE) // DAY
        sent = 0
        for author in self._authors:
            for day, domain in self._seen.due(author.kind, today):
                try:
                    sent += self._send(author, day, domain)
                except Fault as fault:
                    log.info("report_waits", kind=author.kind, domain=domain, reason=fault.text)
                    if fault.kind is not Kind.TRY_LATER or day < today - _TRIED:
                        self._seen.forget(author.kind, day, domain)
        return sent

    def _send(self, author: Author, day: int, domain: str) -> bool:
        wanted = author.wanted(domain)
        if wanted:
            letter = author.write(day, domain, self._seen.of(author.kind, day, domain))
            mailed = self._mail(letter, [each for each in wanted if each.is_mail])
            self._hand_over(letter, [each for each in wanted if not each.is_mail], needed=not mailed)
            log.info("report_sent", kind=author.kind, domain=domain, to=[each.target for each in wanted])
        self._seen.forget(author.kind, day, domain)
        return bool(wanted)

    def _hand_over(self, letter: Letter, wanted: list[Wanted], *, needed: bool) -> None:
        """By HTTPS. Where that fails and no mail was sent, it is tried again."""
        last: Fault | None = None
        for each in wanted:
            try:
                self._post(each.target, gzip.compress(letter.document, mtime=0))
                needed = False
            except Fault as fault:
                log.info("report_not_posted", to=each.target, reason=fault.text)
                last = fault
        if last is not None and needed:
            raise last

    def _mail(self, letter: Letter, wanted: list[Wanted]) -> int:
        sent = 0
        for each in wanted:
            octets = compose(self._host, f"mailer-daemon@{self._domain() or self._host}", (each.target,), letter)
            if len(octets) > (each.most or _LARGEST):
                log.warning("report_too_large", to=each.target, size=len(octets))
                continue
            envelope = Envelope("", (Recipient(each.target, notify=("NEVER",)),))
            self._queue.accept(Accept(envelope, Origin("local"), Memory(octets)))
            sent += 1
        return sent
