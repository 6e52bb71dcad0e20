"""What a stored message's header tells of the verdict it came in with.  RFC 8601

Only mail from outside passes the checks, and only they may write these fields (`trust.results.without_forged`); what is
read here of any other message decides nothing but how its own words are counted.
"""

import re

from odmail.message import address, header

_FLAG = re.compile(rb"^x-spam-flag:[ \t]*(yes|no)", re.IGNORECASE | re.MULTILINE)
_SIGNED = re.compile(rb"\bdkim=pass header\.d=([^\s;]+)")
_SENT = re.compile(rb"\bspf=pass [^;]*?smtp\.mailfrom=[^\s;@]*@([^\s;]+)")


def was_junk(block: bytes) -> bool:
    """Did it arrive in Junk by itself?"""
    found = _FLAG.search(block)
    return found is not None and found[1].lower() == b"yes"


def is_from_outside(block: bytes) -> bool:
    """Did it pass the checks?"""
    return _FLAG.search(block) is not None


def author_and_vouching(block: bytes, host: str) -> tuple[str, frozenset[str], bool]:
    """The From address, the domains that vouched for the message, and whether one of them may speak for the author."""
    fields = header.index(block, {b"from", b"authentication-results"})
    found = address.mailboxes(address.parse(fields.get(b"from", b"")))
    author = found[0].spec if found else ""
    results = fields.get(b"authentication-results", b"")
    if not results.lower().startswith(host.lower().encode()):
        return author, frozenset(), False
    domains = (each.decode("ascii", "replace") for each in _SIGNED.findall(results) + _SENT.findall(results))
    return author, frozenset(domains), b"dmarc=pass" in results
