"""Reports that come by mail: what goes to `dmarc-reports` or `tls-reports` of ours is read as well as delivered."""

import structlog

from odcore.errors import Fault
from odmail.message import address, header
from odmail.queue.verdict import Verdict
from odmail.reports import dmarc_xml, tls_json
from odmail.reports.cleaning import text
from odmail.reports.model import Report
from odmail.reports.store import Arrived, Reports
from odmail.reports.unpack import documents

log = structlog.get_logger()

NAMES = frozenset({"dmarc-reports", "tls-reports"})
"""Local parts. The addresses themselves are in the directory, for whoever is to see the messages."""

LARGEST_MESSAGE = 12 << 20


def is_for_reports(address: str) -> bool:
    """Is this where reports go?"""
    return address.rpartition("@")[0].partition("+")[0].lower() in NAMES


class Intake:
    """Reads what came, whatever it is: never fails."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports

    def take(self, id: str, octets: bytes, verdict: Verdict | None) -> None:
        """A whole message. One that holds no report is only mail."""
        try:
            for each in read(octets):
                is_new = self._reports.add(each, Arrived(_author(octets), is_vouched(verdict)))
                log.info("report", id=id, about=each.domain, by=each.head.organization, new=is_new)
        except Fault as fault:
            log.warning("report_not_read", id=id, reason=fault.text)
        except Exception:  # whatever a stranger wrote: the message itself is delivered
            log.exception("report_not_read", id=id)


def read(octets: bytes) -> list[Report]:
    """All that are in a message. Faults BAD_REQUEST, TOO_BIG."""
    found: list[Report] = []
    for document in documents(octets):
        if dmarc_xml.is_one(document):
            found.append(dmarc_xml.read(document))
        elif tls_json.is_one(document):
            found.append(tls_json.read(document))
    return found


def is_vouched(verdict: Verdict | None) -> bool:
    """Did it prove whom it is from? Whoever the checks do not concern is one of ours."""
    if verdict is None:
        return True
    return any(each.check in ("dmarc", "dkim") and each.result == "pass" for each in verdict.findings)


def _author(octets: bytes) -> str:
    block = octets[: header.MAX_BLOCK].partition(b"\r\n\r\n")[0] + b"\r\n"
    found = address.mailboxes(address.parse(header.index(block, (b"from",)).get(b"from", b"")))
    return text(found[0].spec) if found else ""
