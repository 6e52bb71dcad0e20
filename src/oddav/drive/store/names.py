"""Names and paths: in NFC, told apart without regard to case, as Windows and macOS do.  RFC 4918 5.2

A path is "/" or "/name/name": always absolute, without a slash at its end.
"""

import unicodedata

from odcore.errors import Fault, Kind

_LONGEST_NAME = 255  # octets, as in file systems of those who synchronize
_LONGEST_PATH = 4000  # octets
_DEEPEST = 100


def path_of(given: str) -> str:
    """The path meant by a decoded URL path. Fault BAD_REQUEST for names nobody may have."""
    names = [checked(name) for name in given.split("/") if name]
    path = "/" + "/".join(names)
    if len(names) > _DEEPEST or len(path.encode()) > _LONGEST_PATH:
        raise Fault(Kind.BAD_REQUEST, "The path is too long.")
    return path


def checked(name: str) -> str:
    """The name in NFC. Fault BAD_REQUEST."""
    name = unicodedata.normalize("NFC", name)
    if name in (".", "..") or "\\" in name or any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
        raise Fault(Kind.BAD_REQUEST, "No file can have this name.")
    if len(name.encode()) > _LONGEST_NAME:
        raise Fault(Kind.BAD_REQUEST, "The name is too long.")
    return name


def key_of(name: str) -> str:
    """Equal for names that many systems cannot tell apart."""
    return unicodedata.normalize("NFC", name.casefold())


def split(path: str) -> tuple[str, str]:
    """The parent's path and the last name; ("/", "") for the root."""
    parent, _, name = path.rpartition("/")
    return parent or "/", name


def above(path: str) -> list[str]:
    """All folders the path lies in, the root last."""
    found = []
    while path != "/":
        path = split(path)[0]
        found.append(path)
    return found


def below(path: str) -> str:
    """What every path inside `path` begins with."""
    return path if path == "/" else path + "/"
