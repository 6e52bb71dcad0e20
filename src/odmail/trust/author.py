"""Whom a message says it is from, if there is only one way to read it.  RFC 5322 3.6.2, RFC 9989 4.2, CERT VU#517845

A11: what people see, what a signature covers and what a policy is asked about must be the same address.
"""

from collections.abc import Callable

import msgspec

from odcore.directory.address import domain_key
from odcore.errors import Fault
from odmail.message import address, header


class Author(msgspec.Struct, frozen=True):
    """`domain` is an A-label, "" when there is no single one; then `problem` says why."""

    domain: str
    spec: str = ""
    display: str = ""
    problem: str = ""
    mentions: tuple[str, ...] = ()  # every domain that a reader could take it for


def read(block: bytes) -> Author:
    """From the fields of a message."""
    values = [value for name, value in header.fields(block) if name == b"from"]
    if not values:
        return Author("", problem="there is no From field")
    loose = tuple(dict.fromkeys(domain for value in values for domain in _domains(address.parse(value))))
    if len(values) > 1:
        return Author("", problem=f"there are {len(values)} From fields", mentions=loose)
    strict = address.parse_strict(values[0])
    if not strict or address.mailboxes(strict) != strict:
        return Author("", problem="the From field is open to two readings", mentions=loose)
    domains = _domains(strict)
    if len(set(domains)) != 1 or (len(strict) > 1 and b"sender" not in header.index(block, (b"sender",))):
        return Author("", problem="the From field names several authors", mentions=loose)
    if not domains[0]:
        return Author("", problem="the From field names no domain")
    return Author(domains[0], strict[0].spec, strict[0].display, mentions=loose)


def claims(author: Author, is_ours: Callable[[str], bool]) -> bool:
    """Could a reader take it for mail from a domain of ours?"""
    return any(is_ours(domain) for domain in author.mentions)


def _domains(found: list[address.Address]) -> list[str]:
    keys = []
    for each in address.mailboxes(found):
        if not each.spec:
            continue
        try:
            keys.append(domain_key(each.spec.rpartition("@")[2]))
        except Fault:
            keys.append("")
    return keys
