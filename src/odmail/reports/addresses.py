"""Where a domain wants its reports: mailto: and https: URIs in its record, and whether others agreed.  RFC 9990 4"""

import re
from urllib.parse import unquote, urlsplit

import msgspec

from odcore.errors import Fault, Kind
from odcore.net.dns import Resolver
from odmail.trust import tags
from odmail.trust.dmarc_policy import discover

_MOST = 4
_LIMIT = re.compile(r"!(\d{1,10})([kmgt]?)\Z", re.IGNORECASE)
_UNITS = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}
_ADDRESS = re.compile(r"[^\s<>@\"(),:;\\\[\]]{1,64}@[A-Za-z0-9._-]{1,253}\Z")


class Wanted(msgspec.Struct, frozen=True):
    """An address, or an https: URI; `most` octets at once, 0 for any."""

    target: str
    most: int = 0

    @property
    def is_mail(self) -> bool:
        """Else HTTPS."""
        return not self.target.startswith("https:")


def read(uris: str) -> list[Wanted]:
    """Those we understand, the first few."""
    found = (_one(each.strip()) for each in uris.split(","))
    return [each for each in found if each is not None][:_MOST]


def agreed(domain: str, wanted: Wanted, resolver: Resolver) -> bool:
    """An address of another organization must say that it wants reports about `domain`.  RFC 9990 4

    Fault TRY_LATER when the DNS is silent.
    """
    other = wanted.target.rpartition("@")[2].lower()
    if discover(other, resolver).organization == discover(domain, resolver).organization:
        return True
    try:
        texts = resolver.txt(f"{domain}._report._dmarc.{other}")
    except Fault as fault:
        if fault.kind is Kind.NOT_FOUND:
            return False
        raise
    return any(_is_dmarc(text) for text in texts)


def _one(uri: str) -> Wanted | None:
    limit = _LIMIT.search(uri)
    most = int(limit[1]) << _UNITS[limit[2].lower()] if limit else 0
    bare = uri[: limit.start()] if limit else uri
    scheme, _, rest = bare.partition(":")
    if scheme.lower() == "mailto":
        address = unquote(rest.partition("?")[0])
        return Wanted(address, most) if _ADDRESS.match(address) else None
    if scheme.lower() == "https" and len(bare) < 1000 and bare.isascii() and bare.isprintable() and " " not in bare:
        return Wanted(f"https:{rest}", most) if urlsplit(bare).hostname else None
    return None


def _is_dmarc(text: bytes) -> bool:
    try:
        return tags.parse(text).get("v") == "DMARC1"
    except tags.BadTags:
        return False
