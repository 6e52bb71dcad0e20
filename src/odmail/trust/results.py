"""The one Authentication-Results field of ours, and no other that says it is.  RFC 8601"""

import re
from collections.abc import Iterable

from odmail.message import header
from odmail.queue.verdict import Finding

METHODS = ("iprev", "spf", "dkim", "arc", "dmarc")
"""Findings that RFC 8601's registry knows, in the order they are told."""

_OURS = re.compile(rb"\A[ \t]*(?:\"([^\"]*)\"|([^ \t;(\"]+))")
_COMMENT = re.compile(rb"\([^()]*\)")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~@/:-]+\Z")
_UNSAFE = re.compile(r"[^ -~]|[\\\"]")
_LONGEST = 200


def field(host: str, findings: Iterable[Finding]) -> bytes:
    """With a line for each result; "none" when nothing was checked."""
    known = sorted((each for each in findings if each.check in METHODS), key=lambda each: METHODS.index(each.check))
    lines = [_result(each) for each in known] or ["none"]
    return ("Authentication-Results: " + host + ";\r\n\t" + ";\r\n\t".join(lines) + "\r\n").encode()


def without_forged(block: bytes, host: str, also: tuple[bytes, ...] = ()) -> bytes:
    """The fields without Authentication-Results in our name (RFC 8601 5), and without those whose name is in `also`
    or begins as one of them that ends with a dash.
    """
    lower = block.lower()
    if not any(each in lower for each in (b"authentication-results", *also)):
        return block
    kept, end = [], 0
    for name, start, stop in header.spans(block):
        forged = name == b"authentication-results" and _is_ours(block[start:stop], host)
        if forged or any(name == each or (each.endswith(b"-") and name.startswith(each)) for each in also):
            kept.append(block[end:start])
            end = stop
    kept.append(block[end:])
    return b"".join(kept)


def _is_ours(octets: bytes, host: str) -> bool:
    value = header.unfold(octets).partition(b":")[2]
    for _ in range(10):  # comments may nest
        value, count = _COMMENT.subn(b" ", value)
        if not count:
            break
    found = _OURS.match(value)
    return found is None or (found[1] or found[2] or b"").lower() == host.lower().encode()


def _result(finding: Finding) -> str:
    words = [f"{finding.check}={finding.result}"]
    if finding.reason:
        words.append(f'reason="{_UNSAFE.sub("?", finding.reason)[:_LONGEST]}"')
    words += [f"{name}={_value(value)}" for name, value in finding.facts if value]
    return " ".join(words)


def _value(text: str) -> str:
    """RFC 8601 2.2 pvalue: an address or domain as it is, anything else quoted."""
    text = text[:_LONGEST]
    return text if _TOKEN.match(text) else f'"{_UNSAFE.sub("?", text)}"'
