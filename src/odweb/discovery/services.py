"""The servers an app is told of: names and ports as they are reached from outside."""

import msgspec


class Services(msgspec.Struct, frozen=True):
    """Ports of 0 are not offered."""

    host: str
    domains: tuple[str, ...]  # the site's, the default one first
    imaps: int = 0
    imap: int = 0  # STARTTLS
    submissions: int = 0
    submission: int = 0  # STARTTLS
    https: int = 0
    ldaps: int = 0
