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

    def url(self, path: str) -> str:
        """Of something behind our HTTPS."""
        port = "" if self.https == 443 else f":{self.https}"
        return f"https://{self.host}{port}{path}"
