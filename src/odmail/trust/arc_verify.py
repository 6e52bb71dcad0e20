"""What servers on the way vouch for: the chain of ARC sets, whole or not.  RFC 8617 5.2"""

import msgspec

from odcore.net.dns import Resolver
from odmail.message import header
from odmail.trust import canonical, dkim_key, tags
from odmail.trust.dkim_key import Unusable
from odmail.trust.dkim_verify import Signed, accepts, check_domain, check_numbers, check_signature

MOST_SETS = 50
_RESULTS, _MESSAGE, _SEAL = b"arc-authentication-results", b"arc-message-signature", b"arc-seal"
_KINDS = (_RESULTS, _MESSAGE, _SEAL)
_ALGORITHMS = {"rsa-sha256": "rsa", "ed25519-sha256": "ed25519"}


class Chain(msgspec.Struct, frozen=True):
    """`sealer` sealed last; `results` is what it found, as its ARC-Authentication-Results say."""

    result: str  # "none", "pass", "fail"
    sealer: str = ""
    results: str = ""
    reason: str = ""


class Set(msgspec.Struct, frozen=True):
    """The three fields of one instance, and the tags of two of them."""

    fields: tuple[bytes, bytes, bytes]  # in the order of _KINDS
    message: dict[str, str]
    seal: dict[str, str]


class _Broken(Exception):
    """The chain does not hold, and why."""


def verify(message: Signed, resolver: Resolver) -> Chain:
    """RFC 8617 5.2: what is wrong anywhere makes all of it a fail."""
    try:
        sets = _sets(message)
        if not sets:
            return Chain("none")
        last = sets[-1]
        _check_states(sets)
        _check_message_signature(last, message, resolver)
        for count in range(len(sets), 0, -1):
            _check_seal(sets[:count], resolver)
    except (_Broken, Unusable) as broken:
        return Chain("fail", reason=str(broken))
    results = header.unfold(last.fields[0]).partition(b":")[2].partition(b";")[2]
    return Chain("pass", last.seal["d"].lower(), results.decode("utf-8", "replace").strip())


def _sets(message: Signed) -> list[Set]:
    """By instance, 1 first. Raises _Broken when one is incomplete or there are too many."""
    found: dict[int, dict[bytes, tuple[bytes, dict[str, str]]]] = {}
    for name, octets in message.fields:
        if name not in _KINDS:
            continue
        read = _read(name, octets)
        instance = _instance(read.get("i", ""))
        if name in found.setdefault(instance, {}):
            raise _Broken(f"instance {instance} has two of a kind")
        found[instance][name] = (octets, read)
    if sorted(found) != list(range(1, len(found) + 1)) or any(len(each) != 3 for each in found.values()):
        raise _Broken("a set is missing or incomplete")
    ordered = [found[instance] for instance in sorted(found)]
    return [
        Set((each[_RESULTS][0], each[_MESSAGE][0], each[_SEAL][0]), each[_MESSAGE][1], each[_SEAL][1])
        for each in ordered
    ]


def _read(name: bytes, octets: bytes) -> dict[str, str]:
    value = header.unfold(octets).partition(b":")[2]
    if name == _RESULTS:  # only its first item is a tag
        value = value.partition(b";")[0]
    try:
        return tags.parse(value)
    except tags.BadTags as bad:
        raise _Broken(str(bad)) from None


def _instance(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MOST_SETS):
        raise _Broken("i= is no instance")
    return int(text)


def _check_states(sets: list[Set]) -> None:
    for number, each in enumerate(sets, 1):
        state = each.seal.get("cv", "").lower()
        if state != ("none" if number == 1 else "pass"):
            raise _Broken(f"instance {number} says cv={state[:8]}")


def _check_message_signature(last: Set, message: Signed, resolver: Resolver) -> None:
    found = last.message
    for tag in ("a", "b", "bh", "d", "s", "h"):
        if not found.get(tag):
            raise _Broken(f"{tag}= is missing in ARC-Message-Signature")
    names = [name.lower() for name in tags.listed(found["h"])]
    if "from" not in names or _SEAL.decode() in names or "l" in found:
        raise _Broken("ARC-Message-Signature covers what it must not, or not what it must")
    check_domain(found)
    check_numbers(found)
    key = dkim_key.fetch(found["d"].lower(), found["s"].lower(), resolver)
    check_signature(last.fields[1], found, message, key)


def _check_seal(sets: list[Set], resolver: Resolver) -> None:
    """The seal of the last of `sets` covers all of them (RFC 8617 5.1.1)."""
    seal = sets[-1].seal
    for tag in ("a", "b", "d", "s"):
        if not seal.get(tag):
            raise _Broken(f"{tag}= is missing in ARC-Seal")
    if "h" in seal:
        raise _Broken("ARC-Seal has h=")
    check_domain(seal)
    check_numbers(seal)
    key = dkim_key.fetch(seal["d"].lower(), seal["s"].lower(), resolver)
    if _ALGORITHMS.get(seal["a"]) != key.kind:
        raise _Broken("the key is of another kind than the seal")
    octets = [canonical.field(octets, relaxed=True) for each in sets for octets in each.fields]
    octets[-1] = canonical.field(canonical.without_signature(sets[-1].fields[2]), relaxed=True)
    if not accepts(key, dkim_key.base64(seal["b"], "b="), b"".join(octets)):
        raise _Broken("a seal does not fit")
