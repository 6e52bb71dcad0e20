"""Who answers for a message by a DKIM signature.  RFC 6376 6, RFC 8301, RFC 8463

A13: the first five signatures, keys of 1024 to 4096 bits, no rsa-sha1, and a signature with l= vouches for nobody,
as anything may stand behind what it covers.
"""

import hashlib
from collections.abc import Sequence

import msgspec

from odcore.net.dns import Resolver
from odmail.message import header
from odmail.trust import canonical, dkim_key, tags
from odmail.trust.dkim_key import PublicKey, Unusable

MOST_SIGNATURES = 5
_ALGORITHMS = {"rsa-sha256": "rsa", "ed25519-sha256": "ed25519"}
_NEEDED = ("v", "a", "b", "bh", "d", "h", "s")
_MOST_NAMES = 1000


class Signature(msgspec.Struct, frozen=True):
    """What became of one; `domain` may be relied on when the result is "pass"."""

    result: str  # RFC 8601 2.7.1
    domain: str = ""
    selector: str = ""
    algorithm: str = ""
    reason: str = ""
    identity: str = ""  # i=
    value: str = ""  # the first letters of b= (RFC 6008)


class Signed(msgspec.Struct, frozen=True):
    """A message in the form signatures look at: fields with their line ends, and the body."""

    fields: tuple[tuple[bytes, bytes], ...]  # lower-case name, octets
    body: memoryview
    digests: dict[bool, bytes] = {}  # SHA-256 of the canonical body, by "relaxed"

    @classmethod
    def from_message(cls, block: bytes, body: memoryview) -> "Signed":
        """`block` are the fields without the empty line."""
        return cls(tuple((name, block[start:end]) for name, start, end in header.spans(block)), body, {})

    def body_digest(self, *, relaxed: bool) -> bytes:
        """Computed once for each form."""
        if relaxed not in self.digests:
            self.digests[relaxed] = canonical.body_digest(self.body, hashlib.sha256(), relaxed=relaxed)
        return self.digests[relaxed]

    def chosen(self, names: Sequence[bytes], *, relaxed: bool) -> bytes:
        """The fields h= names, each name taking the last instance not yet taken (RFC 6376 5.4.2)."""
        instances: dict[bytes, list[bytes]] = {}
        for name, octets in self.fields:
            instances.setdefault(name, []).append(octets)
        taken = (instances[name].pop() for name in names if instances.get(name))
        return b"".join(canonical.field(octets, relaxed=relaxed) for octets in taken)


def verify(message: Signed, resolver: Resolver, now: int) -> tuple[Signature, ...]:
    """One answer for each signature, at most MOST_SIGNATURES, in their order."""
    found = [octets for name, octets in message.fields if name == b"dkim-signature"]
    return tuple(_verify(octets, message, resolver, now) for octets in found[:MOST_SIGNATURES])


def _verify(octets: bytes, message: Signed, resolver: Resolver, now: int) -> Signature:
    try:
        found = tags.parse(header.unfold(octets).partition(b":")[2])
    except tags.BadTags as bad:
        return Signature("permerror", reason=str(bad))
    identity = found.get("i", "")
    known = Signature(
        "pass",
        found.get("d", "").lower(),
        found.get("s", "").lower(),
        found.get("a", ""),
        identity=identity,
        value=tags.squeezed(found.get("b", ""))[:8],
    )
    try:
        _check_tags(found, now)
        key = dkim_key.fetch(known.domain, known.selector, resolver)
        if key.strict and identity and identity.rpartition("@")[2].lower() != known.domain:
            raise Unusable("permerror", "i= names a subdomain, which the key forbids")
        check_signature(octets, found, message, key)
        if "l" in found:
            raise Unusable("policy", "l= leaves the end of the body open")
    except Unusable as unusable:
        return msgspec.structs.replace(known, result=unusable.result, reason=unusable.reason)
    return known


def check_signature(octets: bytes, found: dict[str, str], message: Signed, key: PublicKey) -> None:
    """Of a DKIM-Signature or an ARC-Message-Signature. Raises Unusable unless it holds."""
    relaxed_header, relaxed_body = _canonicalization(found.get("c", "simple/simple"))
    if key.kind != _ALGORITHMS.get(found["a"]):
        raise Unusable("permerror", "the key is of another kind than the signature")
    body_hash = dkim_key.base64(found["bh"], "bh=")
    signature = dkim_key.base64(found["b"], "b=")
    broken = "neutral" if key.testing else "fail"
    if "l" not in found and message.body_digest(relaxed=relaxed_body) != body_hash:
        raise Unusable(broken, "the body was changed")
    names = [name.lower().encode() for name in tags.listed(found["h"])][:_MOST_NAMES]
    own = canonical.field(canonical.without_signature(octets), relaxed=relaxed_header)
    signed = message.chosen(names, relaxed=relaxed_header) + own
    if not accepts(key, signature, signed):
        raise Unusable(broken, "the signature does not fit")


def accepts(key: PublicKey, signature: bytes, signed: bytes) -> bool:
    """Ed25519 signs the hash (RFC 8463 3)."""
    return key.accepts(signature, hashlib.sha256(signed).digest() if key.kind == "ed25519" else signed)


def check_domain(found: dict[str, str]) -> None:
    """d= and s= are names that may be asked about. Raises Unusable."""
    for tag in ("d", "s"):
        name = found[tag]
        if not name.isascii() or not all(0 < len(label) <= 63 for label in name.split(".")) or len(name) > 253:
            raise Unusable("permerror", f"{tag}= is no name")


def _check_tags(found: dict[str, str], now: int) -> None:
    """RFC 6376 6.1.1"""
    for tag in _NEEDED:
        if not found.get(tag):
            raise Unusable("permerror", f"{tag}= is missing")
    if found["v"] != "1":
        raise Unusable("permerror", "an unknown version")
    if found["a"] not in _ALGORITHMS:
        raise Unusable("policy" if found["a"] == "rsa-sha1" else "permerror", f"{found['a'][:20]} is not accepted")
    if "from" not in [name.lower() for name in tags.listed(found["h"])]:
        raise Unusable("permerror", "From is not signed")
    if "dns/txt" not in tags.listed(found.get("q", "dns/txt").lower()):
        raise Unusable("permerror", "the key is not in the DNS")
    check_domain(found)
    _check_identity(found)
    _check_times(found, now)


def _check_identity(found: dict[str, str]) -> None:
    domain, identity = found["d"].lower(), found.get("i", "").rpartition("@")[2].lower()
    if identity and identity != domain and not identity.endswith("." + domain):
        raise Unusable("permerror", "i= is not below d=")


def check_numbers(found: dict[str, str]) -> None:
    """Raises Unusable where a tag is none that must be one."""
    for tag in ("t", "x", "l"):
        if tag in found and not (found[tag].isascii() and found[tag].isdigit() and len(found[tag]) <= 76):
            raise Unusable("permerror", f"{tag}= is no number")


def _check_times(found: dict[str, str], now: int) -> None:
    check_numbers(found)
    if "x" in found and "t" in found and int(found["x"]) < int(found["t"]):
        raise Unusable("permerror", "it expired before it was made")
    if "x" in found and int(found["x"]) < now:
        raise Unusable("fail", "the signature has expired")


def _canonicalization(value: str) -> tuple[bool, bool]:
    """Header and body: are they relaxed?"""
    header_form, _, body_form = value.partition("/")
    forms = (header_form, body_form or "simple")
    if any(form not in ("simple", "relaxed") for form in forms):
        raise Unusable("permerror", "an unknown canonicalization")
    return forms[0] == "relaxed", forms[1] == "relaxed"
