"""Mail addresses as keys: NFC, lower case, the domain as an A-label.  RFC 5321 4.1.2, RFC 6531, RFC 5891"""

import re
import unicodedata

import idna

from odcore.errors import Fault, Kind

# fmt: off
RESERVED = frozenset((  # RFC 2142 and what people would trust by its name
    "abuse", "admin", "administrator", "hostmaster", "info", "mailer-daemon", "nobody", "noc", "odmail",
    "postmaster", "root", "security", "support", "usenet", "webmaster", "www",
))
# fmt: on
"""Local parts that must not be handed out by mistake."""

_LONGEST_LOCAL = 64  # RFC 5321 4.5.3.1.1
_LONGEST_DOMAIN = 255
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")


def fold(text: str) -> str:
    """What compares equal without case."""
    return unicodedata.normalize("NFC", text).lower()


def split(address: str) -> tuple[str, str]:
    """The normalized local part and domain. Fault BAD_REQUEST when it is no address."""
    local, at, domain = address.strip(" \t").rpartition("@")
    if not at:
        raise _bad(address)
    return _local(local, address), domain_key(domain)


def normalize(address: str) -> str:
    """The key of an address: two spellings of one address give the same."""
    local, domain = split(address)
    return f"{local}@{domain}"


def domain_key(domain: str) -> str:
    """A domain's A-label form, in lower case, without the root's dot."""
    domain = domain.rstrip(".") if domain.endswith(".") and not domain.endswith("..") else domain
    try:
        key = domain.lower() if domain.isascii() else idna.encode(fold(domain), uts46=True).decode()
    except (idna.IDNAError, UnicodeError) as error:
        raise _bad(domain) from error
    if len(key) > _LONGEST_DOMAIN or not all(_LABEL.match(label) for label in key.split(".")):
        raise _bad(domain)
    return key


def check_new(address: str, reserved: bool = False) -> str:
    """The key of an address that is to be handed out; refuses what people could take for another.

    `reserved` allows names such as postmaster.
    """
    local, domain = split(address)
    if local in RESERVED and not reserved:
        raise Fault(Kind.DENIED, f"{local} is a reserved name; say so explicitly to use it.")
    if unicodedata.normalize("NFKC", local) != local or not all(_usable(letter) for letter in local):
        raise Fault(Kind.BAD_REQUEST, f"{local} has characters that an address should not have.")
    if local[0] in ".-" or local[-1] in ".-" or ".." in local:
        raise Fault(Kind.BAD_REQUEST, f"{local} must not begin or end with a dot or dash, nor have two dots in a row.")
    if len({_script(each) for each in local if _has_script(each)}) > 1:
        raise Fault(Kind.BAD_REQUEST, f"{local} mixes scripts, which people cannot tell apart.")
    return f"{local}@{domain}"


def _local(local: str, address: str) -> str:
    if len(local) > 2 and local[0] == local[-1] == '"':
        local = re.sub(r"\\(.)", r"\1", local[1:-1])  # RFC 5321 4.1.2: "alice" and alice are one
    local = fold(local)
    if not local or len(local.encode("utf-8", "replace")) > _LONGEST_LOCAL:
        raise _bad(address)
    if any(unicodedata.category(letter) in _NEVER for letter in local) or "@" in local:
        raise _bad(address)
    return local


_NEVER = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"))


def _usable(letter: str) -> bool:
    return letter in "._-'" or unicodedata.category(letter)[0] in "LMN"


def _has_script(letter: str) -> bool:
    """Letters, and digits and signs of one script: the nought of Odia looks like an o."""
    if letter.isascii():
        return letter.isalpha()
    return unicodedata.category(letter)[0] in "LMN" and not unicodedata.name(letter, "").startswith("COMBINING ")


def _script(letter: str) -> str:
    """Near enough to the script property: the first word of the letter's name, LATIN or ORIYA."""
    return unicodedata.name(letter, "?").split(" ")[0]


def _bad(address: str) -> Fault:
    shown = "".join(letter if letter.isprintable() else "?" for letter in address[:80])
    return Fault(Kind.BAD_REQUEST, f"{shown} is not an address.")
