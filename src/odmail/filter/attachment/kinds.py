"""Kinds of files that do harm, by name and by first octets."""

import re
from collections.abc import Iterator

EXECUTABLE, MACRO, DISGUISED, IMAGE, ENCRYPTED, BOMB = "executable", "macro", "disguised", "image", "encrypted", "bomb"
KINDS = (EXECUTABLE, MACRO, DISGUISED, IMAGE, ENCRYPTED, BOMB)

# fmt: off
_EXECUTABLE = frozenset((
    "ace", "ade", "adp", "application", "appref-ms", "appx", "appxbundle", "arj", "bat", "cab", "chm", "cmd",
    "com", "cpl", "diagcab", "dll", "exe", "gadget", "hlp", "hta", "inf", "ins", "isp", "jar", "jnlp", "js",
    "jse", "library-ms", "lnk", "mde", "mht", "mhtml", "mof", "msc", "msh", "msi", "msix", "msp", "mst", "ocx",
    "one", "pif", "ps1", "ps1xml", "ps2", "psc1", "psm1", "reg", "scf", "scr", "sct", "search-ms",
    "settingcontent-ms", "shb", "shs", "sys", "theme", "url", "vb", "vbe", "vbs", "vxd", "wll", "ws", "wsc",
    "wsf", "wsh", "xll",
))
_MACRO = frozenset((
    "docm", "dotm", "potm", "ppam", "ppsm", "pptm", "sldm", "xlam", "xlsm", "xltm", "xlm", "accde", "accdr",
))
_IMAGE = frozenset(("img", "iso", "udf", "vhd", "vhdx", "wim", "dmg", "vmdk"))
_HARMLESS = frozenset((
    "csv", "doc", "docx", "gif", "htm", "html", "jpeg", "jpg", "mp3", "mp4", "odp", "ods", "odt", "pdf", "png", "ppt",
    "pptx", "rtf", "tif", "tiff", "txt", "xls", "xlsx", "zip",
))
# fmt: on
_MAGIC = (
    b"MZ",  # DOS, Windows
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",  # Java, and Mach-O for several processors
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"L\x00\x00\x00\x01\x14\x02\x00",  # a Windows shortcut
    b"ITSF",  # compiled help
    b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d",  # OneNote
    b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD",  # the harmless file that stands for a virus
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_VBA = re.compile(b"_\0V\0B\0A\0_\0P\0R\0O\0J\0E\0C\0T|M\0a\0c\0r\0o\0s\0\0|\0Attribut")
# characters that turn the reading direction around: "exe.fdp" is shown as "pdf.exe", and the other way about
_TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_GAP = re.compile(r"\s{8,}")


def by_name(name: str) -> Iterator[str]:
    """What its name says it is, and whether the name tries to hide that."""
    plain = _TURNS.sub("", name).rstrip(" .\0")
    stem, dot, last = plain.rpartition(".")
    last = last.lower().strip() if dot else ""
    before = stem.rpartition(".")[2].lower().strip() if "." in stem else ""
    harmful = last in _EXECUTABLE or last in _MACRO or last in _IMAGE
    if last in _EXECUTABLE:
        yield EXECUTABLE
    if last in _MACRO:
        yield MACRO
    if last in _IMAGE:
        yield IMAGE
    if _TURNS.search(name) or (harmful and (before in _HARMLESS or _GAP.search(plain))):
        yield DISGUISED


def by_octets(start: bytes) -> Iterator[str]:
    """What the first octets of a file are."""
    if start.startswith(_MAGIC) and not (start.startswith(b"MZ") and len(start) < 64):
        yield EXECUTABLE
    if start[32769:32774] == b"CD001" or start.startswith((b"vhdxfile", b"conectix", b"MSWIM\0\0\0")):
        yield IMAGE


def has_macros(octets: bytes) -> bool:
    """An old Office file (OLE) with a Visual Basic project in it."""
    return octets.startswith(OLE) and _VBA.search(octets) is not None
