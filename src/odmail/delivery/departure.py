"""A message as it goes out of the door: what stands in front of it, and whose signature.  RFC 6376, RFC 8058"""

from collections.abc import Callable

from odmail.delivery import listing
from odmail.delivery.bodies import Leaving
from odmail.delivery.resolve import domain_of
from odmail.delivery.routes import NoRoute
from odmail.delivery.trace import delivered_to, has_passed
from odmail.message import address, header
from odmail.message.header import MAX_BLOCK
from odmail.queue.api import Leased
from odmail.queue.model import Origin
from odmail.trust.dkim_sign import Signer

Link = Callable[[str, str], str]
"""`unsubscribing.Unsubscribing.link`"""


class Departure:
    """The stored body is one for all; what differs is made here and is nowhere kept."""

    def __init__(self, signer: Signer, link: Link | None = None) -> None:
        self._signer = signer
        self._link = link

    def body(self, leased: Leased, block: bytes, came_by: str, *, forwarded: bool) -> Leaving:
        """Signed where our people wrote it, or a list of ours sends it with a link of its own for each.

        On what is only forwarded stands the address it came by (A16). Fault NoRoute for what has been there before.
        `block` is the message's header, as `header_of` reads it.
        """
        if forwarded and has_passed(block, came_by):
            raise NoRoute("5.4.6", f"the message has been to {came_by} before")
        prefix, skip = delivered_to(came_by) if forwarded else b"", Leaving(leased.body).skip
        domain = self._signing_domain(block, leased.message.origin)
        if leave := leased.message.origin.leave:
            prefix += self._for_member(block[skip:], leave, came_by, one_click=bool(domain))
            skip = len(block)
        signature = self._signer.sign(domain, Leaving(leased.body, prefix, skip).read()) if domain else b""
        return Leaving(leased.body, signature + prefix, skip)

    def _for_member(self, block: bytes, list: str, member: str, *, one_click: bool) -> bytes:
        link = self._link(list, member) if self._link else ""
        return listing.for_member(block, list, link, one_click=one_click) if link else block

    def _signing_domain(self, block: bytes, origin: Origin) -> str:
        """The author's, if we vouch for them, else that of the list; "" for nobody's.

        What comes from elsewhere in our own name is never signed.
        """
        author = _author_domain(block)
        if self._signer.signs_for(author):
            return author if origin.service != "mx" else ""
        ours = domain_of(origin.leave)
        return ours if ours and self._signer.signs_for(ours) else ""


def header_of(leased: Leased) -> bytes:
    """Its fields, our Return-Path included, without the empty line; of very many, the lines that are looked at."""
    start = leased.body.read(0, MAX_BLOCK)
    end = start.find(b"\r\n\r\n")
    return start[: end + 2 if end >= 0 else start.rfind(b"\n") + 1]


def _author_domain(block: bytes) -> str:
    """The domain of the first From address, for which we sign if it is ours."""
    found = address.mailboxes(address.parse(header.index(block, (b"from",)).get(b"from", b"")))
    return domain_of(found[0].spec) if found else ""
