"""Line ends: mail is CRLF on the wire and in the store, files of mail have the system's LF."""

import re

_BARE = re.compile(rb"(?<!\r)\n")


def to_wire(octets: bytes) -> bytes:
    """Each LF without its CR gets one."""
    return _BARE.sub(b"\r\n", octets)


def to_file(octets: bytes) -> bytes:
    """Each CRLF becomes LF."""
    return octets.replace(b"\r\n", b"\n")
