"""rspamd, asked over HTTP: /checkv2. While it is away, our own checks decide alone."""

import http
import http.client
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
import structlog

from odmail.filter.case import Case
from odmail.filter.check import Check, Tools
from odmail.filter.scanner import Away
from odmail.queue.verdict import Action, Finding

log = structlog.get_logger()

_PATIENCE = 20.0
_LONGEST = 1 << 20
_ACTIONS = {
    "reject": Action.REFUSE,
    "soft reject": Action.DEFER,
    "greylist": Action.NONE,  # ours has been asked already
    "add header": Action.JUNK,
    "rewrite subject": Action.JUNK,
}


class _Symbol(msgspec.Struct):
    score: float = 0.0


class _Answer(msgspec.Struct):
    """The part of it that counts."""

    action: str
    score: float
    required_score: float = 15.0
    symbols: dict[str, _Symbol] = {}


def check(case: Case, tools: Tools) -> Iterable[Finding]:
    """Its score is brought to our scale; its action counts as it is."""
    url = tools.settings.rspamd
    if not url:
        return
    try:
        status, content = tools.rspamd.ask(lambda: _ask(url, case))
        if status != http.HTTPStatus.OK:
            raise ValueError(f"status {status}")
        answer = msgspec.json.decode(content, type=_Answer)
    except (Away, msgspec.DecodeError, ValueError) as error:
        log.error("scanner_away", scanner="rspamd", reason=str(error)[:200])
        yield Finding("rspamd", "away")
        return
    scale = tools.settings.refuse_score / answer.required_score if answer.required_score > 0 else 1.0
    heaviest = sorted(answer.symbols.items(), key=lambda item: -abs(item[1].score))[:10]
    reason = ", ".join(name[:40] for name, _ in heaviest)
    action = _ACTIONS.get(answer.action, Action.NONE)
    yield Finding("rspamd", answer.action[:30], reason, round(answer.score * scale, 2), action)


def _ask(url: str, case: Case) -> tuple[int, bytes]:
    """Status and content. Raises Away."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"{url} is no http URL")
    connection = http.client.HTTPConnection(parts.hostname, parts.port or 11333, timeout=_PATIENCE)
    try:
        connection.putrequest("POST", parts.path.rstrip("/") + "/checkv2")
        for name, value in _headers(case):
            connection.putheader(name, quote(value, safe=" @.<>[]:+=!#$&'*/?^_`{|}~\"()-"))
        connection.endheaders()
        connection.send(case.octets)
        answer = connection.getresponse()
        return answer.status, answer.read(_LONGEST)
    except (OSError, http.client.HTTPException) as error:
        raise Away(str(error)) from None
    finally:
        connection.close()


def _headers(case: Case) -> list[tuple[str, Any]]:
    origin, envelope = case.origin, case.envelope
    found = [
        ("Content-Length", str(len(case.octets))),
        ("From", envelope.sender),
        ("Helo", origin.helo),
        ("Queue-Id", origin.session),
        *(("Rcpt", each.address) for each in envelope.recipients),
    ]
    if origin.address:
        found.append(("IP", origin.address))
    return found


CHECK = Check("rspamd", 90, check)
