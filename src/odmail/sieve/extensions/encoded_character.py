"""encoded-character: `${hex: 24 24}` and `${unicode: 40}` in strings.  RFC 5228 2.4.2.4"""

import re

from odmail.sieve.declare import Extension

_ENCODED = re.compile(
    r"\$\{hex:[ \t\r\n]*+((?:[0-9A-Fa-f]{1,2}[ \t\r\n]++)*+(?:[0-9A-Fa-f]{1,2})?[ \t\r\n]*+)\}"
    r"|\$\{unicode:[ \t\r\n]*+((?:[0-9A-Fa-f]{1,40}[ \t\r\n]++)*+(?:[0-9A-Fa-f]{1,40})?[ \t\r\n]*+)\}",
    re.IGNORECASE,
)


def _decode(text: str) -> str:
    return _ENCODED.sub(_letters, text) if "${" in text else text


def _letters(match: "re.Match[str]") -> str:
    if match[1] is not None:
        octets = bytes(int(digits, 16) for digits in match[1].split())
        return octets.decode("utf-8", "replace") if octets else match[0]
    codes = [int(digits, 16) for digits in match[2].split()]
    if any(code > 0x10FFFF or 0xD800 <= code < 0xE000 for code in codes):
        raise ValueError(f"{match[0]} is no letter of Unicode")
    return "".join(map(chr, codes)) or match[0]


EXTENSION = Extension("encoded-character", "5228", decode=_decode)
