"""Keys by which SORT compares.  RFC 5256 3, RFC 5957"""

import unicodedata

from odmail.message.address import Address
from odmail.message.envelope import Addresses
from odmail.message.model import SortKeys


def build(base_subject: str, addresses: Addresses) -> SortKeys:
    """The keys of one message."""
    return SortKeys(
        subject=fold(base_subject),
        from_=_mailbox(addresses[b"from"]),
        to=_mailbox(addresses[b"to"]),
        cc=_mailbox(addresses[b"cc"]),
        display_from=_display(addresses[b"from"]),
        display_to=_display(addresses[b"to"]),
    )


def fold(text: str) -> str:
    """Case and composition taken out, so that equal letters compare equal."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text.casefold())


def _mailbox(addresses: list[Address]) -> str:
    # RFC 5256 3: the addr-mailbox of the first address; for a group that is its name
    if not addresses:
        return ""
    return (addresses[0].mailbox or b"").decode("utf-8", "replace").upper()


def _display(addresses: list[Address]) -> str:
    # RFC 5957 4: the decoded display name, a group's name, or else mailbox@host
    if not addresses:
        return ""
    first = addresses[0]
    if first.host is None:
        return fold((first.mailbox or b"").decode("utf-8", "replace"))
    return fold(first.display or first.spec)
