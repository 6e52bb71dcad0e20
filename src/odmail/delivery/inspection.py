"""What mail from outside has to pass before it is taken in: who sent it (trust), and whether it is wanted (filter).

It runs at the end of DATA, in the call that makes the message durable, so that a refusal is the client's business and
never a bounce to somebody who sent nothing. What is taken in carries its verdict: one Authentication-Results field,
X-Spam fields, and all findings in the queue for delivery and for whoever asks later.
"""

import mmap
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Lock

import msgspec
import structlog

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.net.dns import Deadline
from odcore.net.networks import Networks, network_of
from odmail.delivery import told
from odmail.delivery.client_rate import ClientRate
from odmail.delivery.ports import Crowded, Refused
from odmail.delivery.seen_row import seen_row
from odmail.filter import spam_headers
from odmail.filter.case import Case
from odmail.filter.check import Check, Tools
from odmail.filter.weigh import verdict, weigh
from odmail.history.model import Note, nothing
from odmail.message.header import MAX_BLOCK
from odmail.queue.model import Envelope, Origin
from odmail.queue.verdict import Action, Finding, Verdict
from odmail.reports.model import Kind as Reported
from odmail.reports.tally import Tally
from odmail.trust import author, results
from odmail.trust.dkim_verify import Signed
from odmail.trust.examine import Authentication, House, examine, own_domain

log = structlog.get_logger()

_SECONDS = 25.0
"""For all questions to the DNS about one message (clients wait ten minutes, RFC 5321 4.5.3.2.6; threads are few)."""

_AT_ONCE_EACH = 3
"""Messages of one network that may wait for the DNS at one time: slow zones stop nobody else."""


class Inspected(msgspec.Struct, frozen=True):
    """What to put in front of a message, what to keep of the fields looked at, and where what follows them begins."""

    verdict: Verdict
    prefix: bytes
    fields: bytes
    rest: int


class Inspection:
    """The checks of one node's MX."""

    def __init__(
        self,
        house: House,
        tools: Tools,
        checks: Sequence[Check],
        threads: int = 16,
        note: Note = nothing,
        tally: Tally | None = None,
    ) -> None:
        """`threads` is how many calls of the process may wait at one time: some are left for all else.

        `note` is told of what is not taken, `tally` of what domains want to hear.
        """
        self._note = note
        self._tally = tally
        self._house = house
        self._tools = tools
        self._checks = checks
        self._trusted = Networks(tools.settings.trusted)
        self._rate = ClientRate(tools.settings.messages_per_minute)
        self._waiting = _Waiting(max(1, threads * 3 // 4))
        tools.memory.has_learned(None, 1)  # opens the file: later nobody waits for that

    def is_outside(self, origin: Origin) -> bool:
        """Is it no client of our own?"""
        return origin.address.partition("%")[0] not in self._trusted  # RFC 4007 11: no zone

    def admit(self, envelope: Envelope, origin: Origin) -> None:
        """May this client bring one more message now? Faults: Refused."""
        if self.is_outside(origin):
            self._rate.count(envelope, origin)

    def is_quick(self, origin: Origin) -> bool:
        """Can a small message of this client be inspected without waiting for DNS, directory, scanner or disk?"""
        settings = self._tools.settings
        if settings.clamav or settings.rspamd or origin.address not in self._trusted:
            return False
        return not self._tools.memory.has_learned(None, 1)

    def inspect(self, envelope: Envelope, origin: Origin, view: memoryview) -> Inspected:
        """Faults: Refused when the message is not taken, or not now."""
        origin = msgspec.structs.replace(origin, address=origin.address.partition("%")[0])  # RFC 4007 11: no zone
        header_size = _header_size(view)
        fields = _looked_at(view, header_size)
        case, authentication = self._case(envelope, origin, view, fields, view[header_size + 2 :])
        decisive = weigh(case, self._tools, self._checks)
        if authentication and not (decisive and decisive.action is Action.DEFER):  # it comes again
            self._count(authentication, envelope, origin)
        if decisive is not None:
            self._note(told.judged(case, decisive.check))
            raise _refusal(decisive, case)
        found = verdict(case, self._tools.settings)
        prefix = results.field(self._house.host, found.findings) if authentication is not None else b""
        prefix += spam_headers.fields(found, self._tools.settings.junk_score)
        kept = results.without_forged(fields, self._house.host, spam_headers.NAMES)
        if found.junk:
            log.info("junk", session=origin.session, score=found.score, reason=_reason(found.findings))
        return Inspected(found, prefix, kept, len(fields))

    def _case(
        self, envelope: Envelope, origin: Origin, view: memoryview, fields: bytes, body: memoryview
    ) -> tuple[Case, Authentication | None]:
        """With what is known about the sender; nothing is asked about clients of our own."""
        if not self.is_outside(origin):
            return Case(envelope, origin, view, len(fields), outside=False), None
        written_by = author.read(fields)
        found = self._authenticate(envelope, origin, written_by, partial(Signed.from_message, fields, body))
        case = Case(
            envelope,
            origin,
            view,
            len(fields),
            outside=True,
            findings=found.findings,
            domains=found.domains,
            author=written_by.spec,
            aligned=found.aligned,
        )
        return case, found

    def screen(self, envelope: Envelope, origin: Origin, view: memoryview) -> None:
        """Mail of our own people: who sent it is known; what does harm is refused, as if it came from outside.

        Faults: Refused.
        """
        case = Case(envelope, origin, view, len(_looked_at(view, _header_size(view))), outside=False)
        decisive = weigh(case, self._tools, self._checks)
        if decisive is not None:
            self._note(told.judged(case, decisive.check))
            raise _refusal(decisive, case)

    def _count(self, found: Authentication, envelope: Envelope, origin: Origin) -> None:
        """For the reports to the domain's owner."""
        if self._tally is not None and (about := found.evaluation) and about.judgement.policy:
            became = next((each.action for each in found.findings if each.check == "dmarc"), Action.NONE)
            row = seen_row(about, became, envelope, origin)
            self._tally.note(Reported.DMARC, about.judgement.policy.domain, row)

    def _authenticate(
        self, envelope: Envelope, origin: Origin, written_by: author.Author, message: Callable[[], Signed]
    ) -> Authentication:
        resolver = self._tools.resolver
        if resolver is None:
            return Authentication(tuple(own_domain(self._house, envelope, written_by, False)), frozenset(), False)
        with self._waiting.turn(network_of(origin.address, 24, 64)):
            limited = Deadline(resolver, _SECONDS)
            return examine(self._house, envelope, origin, written_by, message(), limited, clock.timestamp())


class _Waiting:
    """Who waits for the DNS now."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._by_network: Counter[str] = Counter()

    @contextmanager
    def turn(self, network: str) -> Iterator[None]:
        """Fault Crowded when there are too many: no thread waits for a turn."""
        with self._lock:
            if self._by_network.total() >= self._most or self._by_network[network] >= _AT_ONCE_EACH:
                raise Crowded
            self._by_network[network] += 1
        try:
            yield
        finally:
            with self._lock:
                self._by_network[network] -= 1
                if not self._by_network[network]:
                    del self._by_network[network]


def _refusal(decisive: Finding, case: Case) -> Fault:
    """The client is told why; the log is told everything."""
    log.info(
        "not_taken",
        session=case.origin.session,
        check=decisive.check,
        result=decisive.result,
        sender=case.envelope.sender,
        score=round(case.score, 2),
        reason=_reason(case.findings),
    )
    text = f"{decisive.reason or decisive.check} ({decisive.check})"
    if decisive.action is Action.DEFER:
        return Refused(Kind.TRY_LATER, text, decisive.code or "4.7.0")
    return Refused(Kind.DENIED, text, decisive.code or "5.7.1")


def _reason(findings: Sequence[Finding]) -> str:
    """Those that count, briefly."""
    return " ".join(f"{each.check}={each.result}" for each in findings if each.score or each.action)


def _header_size(view: memoryview) -> int:
    """Octets of the fields, without the empty line."""
    octets = view.obj if isinstance(view.obj, bytes | mmap.mmap) else bytes(view)
    if octets[:2] == b"\r\n":
        return 0
    end = octets.find(b"\r\n\r\n")
    return len(view) if end < 0 else end + 2


def _looked_at(view: memoryview, header_size: int) -> bytes:
    """The fields, or as many whole lines of them as anybody looks at."""
    if header_size <= MAX_BLOCK:
        return bytes(view[:header_size])
    block = bytes(view[:MAX_BLOCK])
    return block[: block.rfind(b"\n") + 1]
