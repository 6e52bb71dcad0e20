"""MTA-STS records and policies: parsed, compared.  RFC 8461"""

import enum
import hashlib
import re
from collections.abc import Iterable

import msgspec

from odcore.errors import Fault, Kind

_ID = re.compile(r"[A-Za-z0-9]{1,32}")
_PATTERN = re.compile(r"(\*\.)?[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")
_LONGEST_AGE = 31557600
_MOST_PATTERNS = 1000
_AGES = {"testing": 86400, "enforce": 14 * 86400}


class Mode(enum.StrEnum):
    """What becomes of a message that would break the policy."""

    ENFORCE = "enforce"  # it is not sent
    TESTING = "testing"  # it is sent, and reported
    NONE = "none"  # there is no policy any more


class Policy(msgspec.Struct, frozen=True):
    """A domain's policy.  RFC 8461 3.2"""

    mode: Mode
    max_age: int  # seconds
    patterns: tuple[str, ...] = ()  # "mx.example", "*.example"; lower case

    def allows(self, host: str) -> bool:
        """Is it a mail exchanger of the policy? An asterisk is one label (RFC 8461 4.1)."""
        name = host.lower()
        return name in self.patterns or "*." + name.partition(".")[2] in self.patterns

    def lines(self) -> tuple[str, ...]:
        """As in the policy's file."""
        names = (f"mx: {pattern}" for pattern in self.patterns)
        return ("version: STSv1", f"mode: {self.mode}", *names, f"max_age: {self.max_age}")

    def id(self) -> str:
        """For our record: another policy has another one.  RFC 8461 3.1"""
        return hashlib.sha256("\n".join(self.lines()).encode()).hexdigest()[:20]


def read_record(texts: Iterable[bytes]) -> str:
    """The id of the policy that a domain's TXT records announce; "" for none.  RFC 8461 3.1"""
    records = [text.decode("ascii", "replace") for text in texts if text.startswith(b"v=STSv1")]
    fields = [_fields(record) for record in records]
    found = [each for each in fields if each.get("v") == "STSv1"]
    if len(found) != 1:
        return ""
    named = found[0].get("id", "")
    return named if _ID.fullmatch(named) else ""


def read_policy(octets: bytes) -> Policy:
    """Fault BAD_REQUEST for what is none.  RFC 8461 3.2"""
    keys: dict[str, list[str]] = {}
    for line in octets.decode("utf-8", "replace").splitlines():
        key, _, value = line.partition(":")
        keys.setdefault(key.strip(), []).append(value.strip())
    first = {key: values[0] for key, values in keys.items()}  # RFC 8461 3.2: of a key given twice the first counts
    age, patterns = first.get("max_age", ""), keys.get("mx", [])
    if first.get("version") != "STSv1":
        raise _wrong("its version is not STSv1")
    if first.get("mode") not in tuple(Mode):
        raise _wrong("its mode is not enforce, testing or none")
    if not (age.isascii() and age.isdigit() and len(age) <= 10):
        raise _wrong("its max_age is no number")
    if len(patterns) > _MOST_PATTERNS or not all(map(_PATTERN.fullmatch, patterns)):
        raise _wrong("an mx in it is no host name")
    if not patterns and first["mode"] != Mode.NONE:
        raise _wrong("it names no mx")
    return Policy(Mode(first["mode"]), min(int(age), _LONGEST_AGE), tuple(each.lower() for each in patterns))


def ours(mode: str, hosts: Iterable[str]) -> Policy | None:
    """What we ask of those who send to us; None for mode "off"."""
    return None if mode == "off" else Policy(Mode(mode), _AGES[mode], tuple(host.lower() for host in hosts))


def _fields(record: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for field in record.split(";"):
        key, _, value = field.partition("=")
        found.setdefault(key.strip(), value.strip())
    return found


def _wrong(why: str) -> Fault:
    return Fault(Kind.BAD_REQUEST, f"This is no MTA-STS policy: {why}.")
