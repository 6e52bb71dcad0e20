"""Mailing lists: who may send to one, and the fields that tell a program what it is.  RFC 2369, RFC 2919"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

from odcore.blob.api import Source
from odcore.errors import Fault, Kind
from odcore.identity.api import Access, Principal
from odmail.delivery.outgoing import Spool, joined
from odmail.delivery.resolve import Many
from odmail.message import header

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


def has_passed(block: bytes, many: Many) -> bool:
    """Was the message sent to this list before: is it going around in a circle?"""
    wanted = f"<{_id(many)}>".encode()
    return many.is_list and any(name == b"list-id" and wanted in value for name, value in _fields_of(block))


def marked(many: Many, source: Source, spool: Spool) -> AbstractContextManager[Source]:
    """The message with the list's fields. What another list put there stays, and nothing is added."""
    view = source.view()
    block = bytes(view[: header.MAX_BLOCK])
    if not many.is_list or any(name == b"list-id" for name, _ in _fields_of(block)):
        return nullcontext(source)
    return joined(spool, _fields(many), block, view[len(block) :])


def _fields_of(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    return header.fields(block.partition(b"\r\n\r\n")[0])


def _fields(many: Many) -> bytes:
    fields = f"List-Id: <{_id(many)}>\r\nPrecedence: list\r\n"
    fields += f"List-Post: <mailto:{many.name}>\r\n" if many.senders in (ANYBODY, MODERATED) else "List-Post: NO\r\n"
    if many.owner:  # people decide who is on an official list: to join or to leave it means to ask
        fields += f"List-Owner: <mailto:{many.owner}>\r\n"
        for name, word in (("Help", "help"), ("Subscribe", "join"), ("Unsubscribe", "leave")):
            fields += f"List-{name}: <mailto:{many.owner}?subject={word}%20{many.name}>\r\n"
    return fields.encode()


def _id(many: Many) -> str:
    """RFC 2919 2: the address with a dot for its @."""
    return many.name.lower().replace("@", ".")
