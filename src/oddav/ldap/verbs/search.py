"""SEARCH, whole or in pages.  RFC 4511 4.5, RFC 2696

A search finds a hundred entries at most, so all that is left of one lies in the session until it is fetched.
"""

from odcore import ids
from oddav.ldap import reader, writer
from oddav.ldap.registry import Verb
from oddav.ldap.session import Session
from oddav.ldap.types import Code, Entry, Refused, Result, Scope, Search

_PORTION = 64 << 10
_CUT = Result(Code.SIZE_LIMIT_EXCEEDED, "There is more: type more letters.")


async def search(session: Session, message: reader.Message) -> Result | None:
    """What the server tells of itself may be read by all."""
    asked = reader.search(message.body)
    if not asked.base and asked.scope is Scope.BASE:
        await _tell(session, message.id, asked, await session.call(session.house.tree.root, asked))
        return Result()
    paging = [each.value for each in message.controls if each.name == writer.PAGES]
    if paging:
        await _page(session, message.id, asked, *reader.page(paging[0]))
        return None
    session.forget_pages()
    found, more = await session.work(session.house.tree.search, asked)
    await _tell(session, message.id, asked, found)
    return _CUT if more else Result()


async def _page(session: Session, id_: int, asked: Search, most: int, cookie: bytes) -> None:
    """A page of nothing asks for the end.  RFC 2696 3"""
    if not cookie:
        session.forget_pages()
        session.rest, session.cut = await session.work(session.house.tree.search, asked)
    elif cookie != session.cookie:
        raise Refused(Code.UNWILLING_TO_PERFORM, "These pages are gone: search again.")
    if cookie and not most:
        session.forget_pages()
    page, session.rest = session.rest[:most], session.rest[most:]
    await _tell(session, id_, asked, page)
    session.cookie = ids.readable(16).encode() if session.rest else b""
    result = _CUT if session.cut and not session.rest else Result()
    session.write(writer.response(id_, writer.SEARCH_DONE, result, controls=writer.page(session.cookie)))


async def _tell(session: Session, id_: int, asked: Search, found: list[Entry]) -> None:
    """In portions, for they may have photographs."""
    portion: list[bytes] = []
    for each in found:
        portion.append(writer.entry(id_, each, asked.names_only))
        if sum(map(len, portion)) > _PORTION:
            await session.send(b"".join(portion))
            portion = []
    session.write(b"".join(portion))


VERBS = (Verb("search", "4511 4.5", 0x63, writer.SEARCH_DONE, search, frozenset({writer.PAGES})),)
