"""Setting types with units: sizes, durations, network addresses, networks, secrets in files."""

import ipaddress
import os
import re
import stat
from fractions import Fraction
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from odcore.errors import Fault, Kind

_NUMBER = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$")

_OCTETS = {"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}

_SECONDS = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86400}


class Size(int):
    """A number of octets, written `50 MiB`."""

    @classmethod
    def parse(cls, value: object) -> Self:
        """From `"50 MiB"` or a whole number of octets."""
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return cls(value)
        match = _NUMBER.match(value) if isinstance(value, str) else None
        if match is None or match[2] not in _OCTETS:
            raise ValueError(f'expected a size such as "50 MiB" ({", ".join(filter(None, _OCTETS))})')
        return cls(round(Fraction(match[1]) * _OCTETS[match[2]]))

    @property
    def text(self) -> str:
        """As a configuration has it. (`str` is plain digits: protocols print sizes.)"""
        for unit in ("TiB", "GiB", "MiB", "KiB"):
            if self and self % _OCTETS[unit] == 0:
                return f"{int(self) // _OCTETS[unit]} {unit}"
        return f"{int(self)} B"


class Duration(float):
    """A length of time in seconds, written `30 s`, `5 min`, `2 h`, `7 d`."""

    @classmethod
    def parse(cls, value: object) -> Self:
        """From `"30 s"` or a number of seconds."""
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
            return cls(value)
        match = _NUMBER.match(value) if isinstance(value, str) else None
        if match is None or match[2] not in _SECONDS:
            raise ValueError(f'expected a duration such as "30 s" ({", ".join(_SECONDS)})')
        return cls(float(match[1]) * _SECONDS[match[2]])

    @property
    def text(self) -> str:
        """As a configuration has it."""
        for unit in ("d", "h", "min", "s"):
            if self and self % _SECONDS[unit] == 0:
                return f"{int(self // _SECONDS[unit])} {unit}"
        return f"{round(self * 1000)} ms" if self % 1 else f"{int(self)} s"


class HostPort(str):
    """A network address and port: `127.0.0.1:143`, `[::1]:143`; `*:143` is every address, both families."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: object) -> Self:
        """From text; the port must be there."""
        if isinstance(value, str):
            host, colon, port = value.rpartition(":")
            bare = host.startswith("[") == host.endswith("]") and (host.startswith("[") or ":" not in host)
            if colon and host and bare and port.isascii() and port.isdigit() and int(port) < 65536:
                return cls(value)
        raise ValueError('expected ADDRESS:PORT such as "127.0.0.1:143", "[::1]:143" or "*:143"')

    @property
    def host(self) -> str:
        """Without brackets; `*` for every address."""
        return self.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """0 lets the system choose."""
        return int(self.rpartition(":")[2])


class Network(str):
    """Addresses that belong together: `198.51.100.0/24`, `2001:db8::/32`, or one alone."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: object) -> Self:
        """From text; bits of the host are let pass, as administrators write them."""
        try:
            if isinstance(value, str):
                ipaddress.ip_network(value, strict=False)
                return cls(value)
        except ValueError:
            pass
        raise ValueError('expected a network such as "198.51.100.0/24" or "2001:db8::/32"')


class SecretFile(str):
    """The path of a file that holds a secret; the secret itself never stands in the configuration."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: object) -> Self:
        """From a path."""
        if not isinstance(value, str):
            raise ValueError("expected the path of a file that holds the secret")
        return cls(value)

    def read(self) -> str:
        """The secret, without the newline at its end. Refused when others may read the file."""
        path = Path(self)
        try:
            if os.stat(path).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise Fault(Kind.DENIED, f"{path}: others may read this secret; chmod 600 it")
            return path.read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            raise Fault(Kind.NOT_FOUND, f"{path}: {error.strerror}") from error


class TimeZone(str):
    """A time zone by its name in the IANA database: `Asia/Kolkata`."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: object) -> Self:
        """From a name that is known."""
        try:
            if isinstance(value, str) and value:
                ZoneInfo(value)
                return cls(value)
        except (ValueError, OSError, KeyError):
            pass
        raise ValueError('expected the name of a time zone such as "Asia/Kolkata"')

    @property
    def zone(self) -> ZoneInfo:
        """Its rules."""
        return ZoneInfo(self)


PARSED: tuple[type[Size | Duration | HostPort | Network | SecretFile | TimeZone], ...] = (
    Size,
    Duration,
    HostPort,
    Network,
    SecretFile,
    TimeZone,
)
"""The types above; each has `parse`."""
