"""Octets to text in whatever charset a message claims, never failing.  RFC 2978

Only names on a closed list reach Python's codecs: `codecs.lookup` imports modules and remembers every name it ever
saw, and some of its codecs are no charsets at all. UTF-7 is not on the list: it hides markup in plain letters.
"""

from encodings.aliases import aliases

_REFUSED = frozenset({"base64_codec", "bz2_codec", "hex_codec", "mbcs", "quopri_codec", "rot_13", "tactis", "utf_7"})
_REFUSED_TOO = frozenset({"uu_codec", "zlib_codec", "idna", "punycode", "unicode_escape", "raw_unicode_escape"})

_WIDER = {
    # what mail programs write on what they mean (WHATWG Encoding 4.2)
    "latin_1": "cp1252",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "iso2022_jp": "iso2022_jp_ext",
}

_ALSO = {
    "gb2312_80": "gb18030",
    "x_gbk": "gb18030",
    "ks_c_5601_1987": "cp949",
    "x_windows_949": "cp949",
    "x_sjis": "cp932",
    "windows_31j": "cp932",
    "x_euc_jp": "euc_jp",
    "unicode_1_1_utf_8": "utf_8",
    "utf8mb4": "utf_8",
    "windows_874": "cp874",
    "iso_8859_8_i": "iso8859_8",
    "iso_8859_8_e": "iso8859_8",
    "x_mac_roman": "mac_roman",
    "macintosh": "mac_roman",
    "x_cp1252": "cp1252",
}

_GUESSED = frozenset({"", "ascii", "us_ascii", "utf_8", "unknown_8bit", "x_unknown", "unknown", "default"})


def _known() -> dict[str, str]:
    codecs = {name for name in aliases.values() if name not in _REFUSED and name not in _REFUSED_TOO}
    codecs |= {
        "koi8_u",
        "koi8_t",
        "cp720",
        "cp874",
        "cp1006",
        "mac_croatian",
        "mac_farsi",
        "mac_arabic",
        "mac_romanian",
    }
    names = {name: name for name in codecs}
    names |= {alias: name for alias, name in aliases.items() if name in codecs}
    names |= {
        alias.replace("_", ""): name
        for alias, name in list(names.items())
        if alias.startswith(("iso", "utf", "windows"))
    }
    return {alias: _WIDER.get(name, name) for alias, name in names.items()} | _ALSO


_CODECS = _known()


def _key(charset: str) -> str:
    return charset.strip().lower().replace("-", "_").replace(" ", "_").replace(":", "_")


def codec(charset: str) -> str:
    """The Python codec for a charset's name or an alias of it, "" when we know none."""
    if len(charset) > 60:
        return ""
    key = _key(charset)
    return _CODECS.get(key) or _CODECS.get(key.removeprefix("cs"), "")


def guess(data: bytes) -> str:
    """Text of octets that carry no usable label: UTF-8 when they are, else windows-1252."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def decode(data: bytes, charset: str) -> str:
    """Text of `data` as `charset` says, as well as can be done."""
    if _key(charset) in _GUESSED:
        return guess(data)
    name = codec(charset)
    if not name:
        return guess(data)
    try:
        return data.decode(name)
    except (UnicodeError, ValueError):
        return _salvage(data, name)


def _salvage(data: bytes, name: str) -> str:
    """A wrong label is more likely than broken text: prefer clean UTF-8 over replacement characters."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(name, "replace")
