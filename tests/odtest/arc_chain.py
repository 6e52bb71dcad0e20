"""ARC sets made field by field, so that a test may bend any tag before or after the signature is made.  RFC 8617

Written for itself, with canonical forms of its own: what it shares with the verifier would prove nothing.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Tags = dict[str, str]
Bend = Callable[[Tags], object]
Text = Callable[[str], str]

NAMES = ("ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal")
COVERED = "from:to:date:subject:mime-version:arc-authentication-results"
_MARK = "@@@"


def record(key: RSAPrivateKey) -> str:
    """As the DNS shows it."""
    octets = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return "v=DKIM1; k=rsa; p=" + base64.b64encode(octets).decode()


def relaxed(field: str) -> str:
    """RFC 6376 3.4.2, without the line end."""
    name, _, value = field.partition(":")
    return name.strip().lower() + ":" + re.sub(r"[ \t\r\n]+", " ", value).strip()


def relaxed_body(body: str) -> str:
    """RFC 6376 3.4.4"""
    lines = [re.sub(r"[ \t]+", " ", line).rstrip(" ") for line in body.split("\r\n")]
    text = "\r\n".join(lines).rstrip("\r\n")
    return text + "\r\n" if text else ""


def simple_body(body: str) -> str:
    """RFC 6376 3.4.3"""
    return body.rstrip("\r\n") + "\r\n"


class Chain:
    """A message and the sets in front of it. `bend_*` change tags before signing, `text_*` the field as written."""

    def __init__(self, fields: Sequence[str], body: str, key: RSAPrivateKey, selector: str = "dummy") -> None:
        self.fields = list(fields)
        self.body = body
        self.key = key
        self.selector = selector
        self.sets: list[list[str]] = []  # of each instance its three fields, in the order of NAMES

    def add(
        self,
        *,
        aar: Text = str,
        bend_ams: Bend = dict,
        bend_seal: Bend = dict,
        text_ams: Text = str,
        text_seal: Text = str,
        body_form: Callable[[str], str] = relaxed_body,
        signed_names: str = "",
    ) -> "Chain":
        """One more set; `signed_names` is what its signature covers, if not what h= says."""
        number = len(self.sets) + 1
        results = aar(f"{NAMES[0]}: i={number}; lists.example.org; spf=pass smtp.mfrom=jqd@d1.example; dmarc=pass")
        digest = hashlib.sha256(body_form(self.body).encode()).digest()
        ams = {"a": "rsa-sha256", "b": _MARK, "bh": base64.b64encode(digest).decode(), "c": "relaxed/relaxed"}
        ams |= {"d": "example.org", "h": COVERED, "i": str(number), "s": self.selector, "t": "12345"}
        state = "none" if number == 1 else "pass"
        seal = {"a": "rsa-sha256", "b": _MARK, "cv": state, "d": "example.org", "i": str(number), "s": self.selector}
        seal["t"] = "12345"
        bend_ams(ams)
        bend_seal(seal)
        names = signed_names or ams.get("h", COVERED)
        chosen = self._chosen([results, *self._above(), *self.fields], names)
        signed = self._signed(text_ams(_field(NAMES[1], ams)), chosen, ams)
        before = [relaxed(each) for group in self.sets for each in group]
        scope = [*before, relaxed(results), relaxed(signed)]
        self.sets.append([results, signed, self._signed(text_seal(_field(NAMES[2], seal)), scope, seal)])
        return self

    def message(self) -> bytes:
        """With the newest set first."""
        return ("\r\n".join([*self._above(), *self.fields]) + "\r\n\r\n" + self.body).encode()

    def _above(self) -> list[str]:
        return [each for group in reversed(self.sets) for each in reversed(group)]

    def _chosen(self, fields: Sequence[str], names: str) -> list[str]:
        """RFC 6376 5.4.2: of a name the last instance first."""
        left = list(fields)
        chosen = []
        for name in names.split(":"):
            key = name.strip().lower()
            at = next((n for n in reversed(range(len(left))) if left[n].partition(":")[0].strip().lower() == key), None)
            if at is not None:
                chosen.append(relaxed(left.pop(at)))
        return chosen

    def _signed(self, field: str, scope: Sequence[str], tags: Tags) -> str:
        own = re.sub(rf"\s*{_MARK}\s*", "", field)
        octets = "".join(f"{each}\r\n" for each in scope) + relaxed(own)
        method = SHA1() if tags.get("a") == "rsa-sha1" else SHA256()
        signature = base64.b64encode(self.key.sign(octets.encode(), PKCS1v15(), method)).decode()
        return field.replace(_MARK, signature)


def _field(name: str, tags: Tags) -> str:
    return f"{name}: " + "; ".join(f"{key}={value}" for key, value in tags.items())
