"""Keys by which SORT compares, with the collation it asks for.  RFC 5256 3, RFC 5957, RFC 5051"""

from odmail.message import casemap
from odmail.message.address import Address
from odmail.message.envelope import Addresses
from odmail.message.model import SortKeys


def build(base_subject: str, addresses: Addresses) -> SortKeys:
    """The keys of one message."""
    return SortKeys(
        subject=casemap.key(base_subject),
        from_=_mailbox(addresses[b"from"]),
        to=_mailbox(addresses[b"to"]),
        cc=_mailbox(addresses[b"cc"]),
        display_from=_display(addresses[b"from"]),
        display_to=_display(addresses[b"to"]),
    )


def _mailbox(addresses: list[Address]) -> str:
    # RFC 5256 3: the addr-mailbox of the first address; for a group that is its name
    if not addresses:
        return ""
    return casemap.key((addresses[0].mailbox or b"").decode("utf-8", "replace"))


def _display(addresses: list[Address]) -> str:
    # RFC 5957 4: the decoded display name, a group's name, or else mailbox@host
    if not addresses:
        return ""
    first = addresses[0]
    if first.host is None:
        return casemap.key((first.mailbox or b"").decode("utf-8", "replace"))
    return casemap.key(first.display or first.spec)
