"""The grammar of SMTP commands: paths, parameters, xtext.  RFC 5321 4.1.2, RFC 3461 4, RFC 6531 3.3"""

import ipaddress
import re
from functools import lru_cache

import idna

from odmail.smtp.types import Path

LONGEST_PATH = 254  # RFC 5321 4.5.3.1.3, without its brackets
_ATEXT = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~\-"
_HIGH = "\x80-\U0010ffff"
_DOT_STRING = re.compile(f"[{_ATEXT}{_HIGH}]+(?:\\.[{_ATEXT}{_HIGH}]+)*")
_QUOTED = re.compile(f'"((?:[ !#-\\[\\]-~{_HIGH}]|\\\\[ -~])*)"')
_LABELS = re.compile(
    r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*"
)
_ROUTE = re.compile(r"@[^@,:<>\s]+(?:,@[^@,:<>\s]+)*:")
_PARAMETER = re.compile(f"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~{_HIGH}]+))?")
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")
_CONTROLS = re.compile("[\x80-\x9f\u2028\u2029]")


class BadSyntax(Exception):
    """What was read is not what the grammar allows; `enhanced` says which part of the command it was."""

    def __init__(self, text: str, enhanced: str = "5.5.4") -> None:
        super().__init__(text)
        self.text = text
        self.enhanced = enhanced


class Unknown(BadSyntax):
    """A parameter nobody offered (RFC 5321 4.1.1.11: 555)."""


def read_text(argument: bytes) -> str:
    """A command's argument as text; paths and some parameters may be UTF-8 (RFC 6531 3.1)."""
    try:
        return argument.decode("utf-8")
    except UnicodeDecodeError:
        raise BadSyntax("neither ASCII nor UTF-8", "5.5.2") from None


def read_command(argument: bytes, word: str, enhanced: str) -> tuple[Path, dict[str, str]]:
    """`FROM:<path> parameters` or `TO:<path> parameters`; a space after the colon is forgiven, as everybody does."""
    text = read_text(argument)
    head, colon, tail = text.partition(":")
    if not colon or head.strip().upper() != word:
        raise BadSyntax(f"expected {word}:<address>")
    tail = tail.lstrip(" ")
    end = _path_end(tail)
    if end < 0:
        raise BadSyntax("the address must stand in angle brackets", enhanced)
    return read_path(tail[1:end], enhanced), read_parameters(tail[end + 1 :])


def _path_end(text: str) -> int:
    """Where the closing bracket is; one inside quotes does not count."""
    if not text.startswith("<"):
        return -1
    start = 1
    route = _ROUTE.match(text, start)
    if route:
        start = route.end()
    quoted = _QUOTED.match(text, start)
    return text.find(">", quoted.end() if quoted else start)


@lru_cache(1024)
def read_path(text: str, enhanced: str) -> Path:
    """What stood between the brackets."""
    if not text:
        return Path("", "")
    if len(text.encode()) > LONGEST_PATH or _CONTROLS.search(text):
        raise BadSyntax("address too long or with control characters", enhanced)
    # RFC 5321 4.1.1.3, appendix C: source routes are ignored
    route = _ROUTE.match(text)
    local, rest = _read_local(text[route.end() :] if route else text, enhanced)
    if not rest and local.lower() == "postmaster":  # RFC 5321 4.5.1
        return Path("postmaster", "")
    if not rest.startswith("@"):
        raise BadSyntax("malformed address", enhanced)
    return Path(local, read_domain(rest[1:], enhanced))


def _read_local(text: str, enhanced: str) -> tuple[str, str]:
    """The local part, quoted only if it must be, and what follows it."""
    quoted = _QUOTED.match(text)
    if quoted:
        plain = re.sub(r"\\(.)", r"\1", quoted[1])
        if not plain:
            raise BadSyntax("empty local part", enhanced)
        return (plain if _DOT_STRING.fullmatch(plain) else f'"{quoted[1]}"'), text[quoted.end() :]
    plain_match = _DOT_STRING.match(text)
    if not plain_match:
        raise BadSyntax("malformed local part", enhanced)
    return plain_match[0], text[plain_match.end() :]


def read_domain(text: str, enhanced: str = "5.5.2") -> str:
    """A domain in lower case and A-labels, or an address literal."""
    if text.startswith("["):
        return _read_literal(text, enhanced)
    if not text.isascii():
        try:
            text = idna.encode(text, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise BadSyntax("malformed internationalized domain", enhanced) from None
    if len(text) > 253 or not _LABELS.fullmatch(text):
        raise BadSyntax("malformed domain", enhanced)
    return text.lower()


def _read_literal(text: str, enhanced: str) -> str:
    """[192.0.2.1] or [IPv6:2001:db8::1] (RFC 5321 4.1.3)."""
    inner = text[1:-1]
    try:
        if not text.endswith("]"):
            raise ValueError
        if inner[:5].upper() == "IPV6:":
            return f"[IPv6:{ipaddress.IPv6Address(inner[5:])}]"
        return f"[{ipaddress.IPv4Address(inner)}]"
    except ValueError:
        raise BadSyntax("malformed address literal", enhanced) from None


def read_parameters(text: str) -> dict[str, str]:
    """` KEY=value KEY ...`, keys in capitals, each once (RFC 5321 4.1.2)."""
    found: dict[str, str] = {}
    if text and not text.startswith(" "):
        raise BadSyntax("expected a space before parameters")
    for word in text.split(" "):
        if not word:
            continue
        match = _PARAMETER.fullmatch(word)
        if not match or match[1].upper() in found:
            raise BadSyntax("malformed or repeated parameter")
        found[match[1].upper()] = match[2] or ""
    return found


def read_number(text: str, digits: int = 20) -> int:
    """Decimal digits and nothing else."""
    if not (text.isascii() and text.isdigit() and len(text) <= digits):
        raise BadSyntax("expected a number")
    return int(text)


def read_xtext(text: str, longest: int) -> str:
    """Decoded xtext (RFC 3461 4), printable or refused."""
    if not text or len(text) > longest or not _XTEXT.fullmatch(text):
        raise BadSyntax("malformed xtext")
    plain = re.sub(r"\+([0-9A-F]{2})", lambda match: chr(int(match[1], 16)), text)
    if not (plain.isascii() and plain.isprintable()):
        raise BadSyntax("xtext of unprintable characters")
    return plain


def read_orcpt(text: str) -> str:
    """`type;xtext`, decoded (RFC 3461 4.2); for type utf-8 UTF-8 may stand as it is (RFC 6533 3)."""
    kind, semicolon, address = text.partition(";")
    if not semicolon or not re.fullmatch(r"[A-Za-z0-9-]{1,40}", kind) or len(text) > 500:
        raise BadSyntax("malformed ORCPT")
    if kind.lower() == "utf-8" and address and not _CONTROLS.search(address):
        return f"{kind};{address}"
    return f"{kind};{read_xtext(address, 500)}"


def read_notify(text: str) -> tuple[str, ...]:
    """NEVER alone, or some of SUCCESS, FAILURE, DELAY (RFC 3461 4.1)."""
    words = tuple(text.upper().split(","))
    if words == ("NEVER",):
        return words
    if not set(words) <= {"SUCCESS", "FAILURE", "DELAY"} or len(set(words)) != len(words):
        raise BadSyntax("malformed NOTIFY")
    return words
