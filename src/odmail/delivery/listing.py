"""Mailing lists: who may send to one, and the fields that tell a program what it is.  RFC 2369, RFC 2919, RFC 8058"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

from odcore.blob.api import Source
from odcore.errors import Fault, Kind
from odcore.identity.api import Access, Principal
from odmail.delivery.outgoing import Spool, joined
from odmail.delivery.resolve import Many
from odmail.message import header

_LEAVE = b"list-unsubscribe"
_LEAVE_POST = b"list-unsubscribe-post"
_FIELDS = (b"list-help", b"list-subscribe", _LEAVE, _LEAVE_POST, b"list-post", b"list-owner")
"""What a list says of itself. In a message that comes to it, they would speak of something else."""

_LEAST_SHARED = 8 << 10
_WORTH_SHARING = 4 << 20
"""Octets of one body, and of all copies of it, from which on mailboxes link one file (ADR 1): a link costs a folder."""

ANYBODY, INSIDE, MEMBERS, MODERATED = "anybody", "inside", "members", "moderated"


def check_outside(many: Many) -> None:
    """May mail from other servers go there? Fault DENIED."""
    if many.is_list and many.senders not in (ANYBODY, MODERATED):
        raise Fault(Kind.DENIED, "This list takes mail from people of this house only.")


def check_inside(many: Many, principal: Principal, access: Access) -> None:
    """May somebody of ours send there? Fault DENIED."""
    if not many.is_list or many.senders != MEMBERS:
        return
    mine = {principal.person.id, principal.account.id, *(post.id for post in access.posts(principal))}
    if mine.isdisjoint(each.account.id for each in many.local):
        raise Fault(Kind.DENIED, "This list takes mail from its members only.")


def name_of(many: Many) -> str:
    """Its address, however it was written."""
    local, _at, domain = many.name.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def has_passed(block: bytes, many: Many) -> bool:
    """Was the message sent to this list before: is it going around in a circle?"""
    return many.is_list and _bears(block, name_of(many))


def marked(many: Many, source: Source, spool: Spool) -> AbstractContextManager[Source]:
    """The message with the list's fields. What another list put there stays, and nothing is added.  RFC 2369 4"""
    view = source.view()
    block = bytes(view[: header.MAX_BLOCK])
    if not many.is_list or any(name == b"list-id" for name, _ in _fields_of(block)):
        return nullcontext(source)
    shared = source.size >= _LEAST_SHARED and source.size * len(many.local) >= _WORTH_SHARING
    return joined(spool, _fields(many), _without(block, _FIELDS), view[len(block) :], as_file=shared)


def for_member(block: bytes, list: str, link: str, *, one_click: bool) -> bytes:
    """The header as one member outside gets it: with a link of its own to leave, before what stood there.

    `one_click`: a signature will cover it, so programs may press it.  RFC 8058 3.1
    """
    if not _bears(block, list):
        return block
    asked = header.index(block, (_LEAVE,)).get(_LEAVE, b"")
    ways = b"<" + link.encode() + b">" + (b",\r\n " + asked if asked else b"")
    post = b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" if one_click else b""
    return b"List-Unsubscribe: " + ways + b"\r\n" + post + _without(block, (_LEAVE, _LEAVE_POST))


def _without(block: bytes, names: Sequence[bytes]) -> bytes:
    kept, at = b"", 0
    for name, start, end in header.spans(block):
        if name in names:
            kept, at = kept + block[at:start], end
    return kept + block[at:]


def _bears(block: bytes, list: str) -> bool:
    """Are these a list's own fields?"""
    wanted = f"<{_id(list)}>".encode()
    return any(name == b"list-id" and wanted in value for name, value in _fields_of(block))


def _fields_of(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    return header.fields(block.partition(b"\r\n\r\n")[0])


def _fields(many: Many) -> bytes:
    fields = f"List-Id: <{_id(name_of(many))}>\r\nPrecedence: list\r\n"
    fields += f"List-Post: <mailto:{many.name}>\r\n" if many.senders in (ANYBODY, MODERATED) else "List-Post: NO\r\n"
    if many.owner:  # people decide who is on an official list: to join or to leave it means to ask
        fields += f"List-Owner: <mailto:{many.owner}>\r\n"
        for name, word in (("Help", "help"), ("Subscribe", "join"), ("Unsubscribe", "leave")):
            fields += f"List-{name}: <mailto:{many.owner}?subject={word}%20{many.name}>\r\n"
    return fields.encode()


def _id(list: str) -> str:
    """RFC 2919 2: the address with a dot for its @."""
    return list.replace("@", ".")
