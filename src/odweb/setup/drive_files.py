"""Files that put the drive where a person looks for it. None holds a password: the system asks for it."""

from collections.abc import Callable, Mapping
from urllib.parse import quote

import msgspec

from odcore.errors import Fault, Kind


class Place(msgspec.Struct, frozen=True):
    """The drive, and who opens it."""

    url: str  # https://mail.odisha.example/drive/
    login: str

    @property
    def davs(self) -> str:
        """As GNOME and KDE call it, with the login in it."""
        return f"davs://{quote(self.login, safe='')}@{self.url.removeprefix('https://')}"

    @property
    def secrets(self) -> str:
        """How a line of davfs2's file of passwords begins."""
        return f'{self.url} "{_escaped(self.login)}"'

    @property
    def finder(self) -> str:
        """A line for a Mac's terminal: the Finder asks for the password."""
        script = f'mount volume "{self.url}" as user name "{_escaped(self.login)}"'
        return "osascript -e '{}'".format(script.replace("'", "'\\''"))


def windows_command(place: Place) -> bytes:
    """A batch file that takes the next free letter. `%` is doubled and a quotation mark has no way to be written."""
    if '"' in place.login:
        raise Fault(Kind.UNSUPPORTED, "Windows cannot be told a name with a quotation mark.")
    login = place.login.replace("%", "%%")
    lines = [
        "@echo off",
        "chcp 65001 >nul",
        f'net use * "{place.url}" * /user:"{login}" /persistent:yes',
        "pause",
        "",
    ]
    return "\r\n".join(lines).encode()


def windows_limit(_place: Place) -> bytes:
    """A registry file: Windows by itself refuses files of more than 50 MB. It takes effect at the next start."""
    lines = [
        "Windows Registry Editor Version 5.00",
        "",
        r"[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\WebClient\Parameters]",
        '"FileSizeLimitInBytes"=dword:ffffffff',
        "",
    ]
    return "\r\n".join(lines).encode()


FILES: Mapping[str, Callable[[Place], bytes]] = {"drive.cmd": windows_command, "large-files.reg": windows_limit}


def _escaped(text: str) -> str:
    """Inside quotation marks, for davfs2 and AppleScript."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
