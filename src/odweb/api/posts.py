"""Posts and their charges."""

import msgspec
from ninja import Router

from odcore.directory import model
from odcore.directory.ops.charge import Handover, give_up, hand_over, take_charge
from odcore.directory.ops.post import AddPost, add_post
from odcore.errors import Fault, Kind
from odcore.identity.rights import administers
from odweb.api.entry import rights_of
from odweb.api.shapes import NewCharge, NewPost, Post, Problem, Wanted
from odweb.project.request import Asked

router = Router(tags=["posts"])

_MOST = 500
_CHANGES = {"beside": take_charge, "relieved": give_up}


@router.get("/posts", response=list[Post])
def posts(request: Asked, text: Wanted) -> list[Post]:
    """Whose title or address holds `text`."""
    may = rights_of(request)
    found = [each for each in request.house.directory.posts(text) if each.office in may.offices]
    return [Post.of(each) for each in found[:_MOST]]


@router.post("/posts", response={200: Post, 201: Post, 409: Problem})
def make(request: Asked, wanted: NewPost) -> tuple[int, Post]:
    """201 when made; 200 when the same post is there already. Safe to send again."""
    may, directory = rights_of(request), request.house.directory
    office = directory.office(wanted.office).id
    may.require(office in may.offices)
    names = {"or": wanted.odia} if wanted.odia else {}
    try:
        made = add_post(request.admin, AddPost(cn=wanted.short, title=wanted.title, names=names, office=office))
    except Fault as fault:
        if fault.kind is not Kind.EXISTS:
            raise
        there = [each for each in directory.posts(wanted.short) if each.cn == wanted.short.lower()]
        if [(each.title, each.office) for each in there] != [(wanted.title, office)]:
            raise
        return 200, Post.of(there[0])
    return 201, Post.of(made)


@router.get("/posts/{key}", response={200: Post, 404: Problem})
def post(request: Asked, key: str) -> Post:
    """With its charges: who held it, who holds it, who will."""
    return Post.of(_found(request, key))


@router.post("/posts/{key}/charges", response={200: Post, 404: Problem, 409: Problem})
def charge(request: Asked, key: str, wanted: NewCharge) -> Post:
    """Takes effect at `at`, or now."""
    found = _found(request, key)
    if not wanted.to and wanted.how != "vacant":
        raise Fault(Kind.BAD_REQUEST, "Say who: to.")
    rule = "" if wanted.former == "site" else wanted.former
    given = Handover(to=wanted.to, order=wanted.order, at=wanted.at, kind=wanted.kind, former=rule)
    if wanted.at is not None and wanted.at.tzinfo is None:
        raise Fault(Kind.BAD_REQUEST, "An instant needs its time zone: 2026-12-01T10:00:00+05:30.")
    if wanted.how == "vacant" and wanted.to:
        given = msgspec.structs.replace(given, kind=model.ChargeKind.LINK)
    return Post.of(_CHANGES.get(wanted.how, hand_over)(request.admin, found, given))


def _found(request: Asked, key: str) -> model.Post:
    """Faults NOT_FOUND, DENIED."""
    may = rights_of(request)
    found = request.house.directory.post(key)
    may.require(administers(request.house.directory, may, found))
    return found
