"""What is shared, in words: what I give, and what I am given."""

from collections.abc import Iterator

import msgspec
from django.utils.translation import gettext as _

from odcore import clock
from odcore.directory.model import AccountKind, Person, Post
from odcore.sharing.access import DirectorySharing
from odcore.sharing.api import COLLECTIONS, FILES, Owner
from oddav.shares import Area, Collections, Folders
from odweb.names import called_in_lists
from odweb.project.request import Asked
from odweb.sharing.forms import RIGHTS
from odweb.sharing.things import things


class Line(msgspec.Struct, frozen=True):
    """One entry."""

    noun: str
    what: str
    title: str
    who: str  # is let in, or lets me in
    right: str
    subject: str = ""
    over: bool = False  # given by somebody who no longer holds the post


def areas(request: Asked) -> dict[str, tuple[Area, str]]:
    """By noun, with the name of the register's area."""
    house = request.house
    folders = Folders(house.register, house.drives)
    collections = Collections(house.register, house.collections)
    return {folders.noun: (folders, FILES), collections.noun: (collections, COLLECTIONS)}


def given(request: Asked, owner: Person | Post) -> Iterator[Line]:
    """By this owner to others."""
    good = {"", *(owner.holders(clock.now()) if isinstance(owner, Post) else ())}
    for area, _name in areas(request).values():
        titles = _titles(area, owner)
        for each in area.given(owner):
            who = called_in_lists(request.house.directory, each.subject)
            title = titles.get(each.what, each.what)
            right = str(RIGHTS[each.right])
            yield Line(area.noun, each.what, title, who, right, each.subject, each.giver not in good)


def taken(request: Asked) -> Iterator[Line]:
    """By others to me, or to the posts I hold; what is in those is not shared, it is theirs."""
    for area, name in areas(request).values():
        house = request.house
        for found in DirectorySharing(house.directory, house.register, house.access, name).around(request.who):
            for each in found:
                if not each.holds:
                    yield from _open(request, area, each)


def _open(request: Asked, area: Area, asked: Owner) -> Iterator[Line]:
    directory, account = request.house.directory, asked.account
    owner = directory.person(account.id) if account.kind is AccountKind.PERSON else directory.post(account.id)
    titles = _titles(area, owner)
    for what, right in area.open_to(owner, asked).items():
        title = titles.get(what, what) if what else _("all calendars and address books")
        yield Line(area.noun, what, title, account.address, str(RIGHTS[right]))


def _titles(area: Area, owner: Person | Post) -> dict[str, str]:
    """What a path does not say itself."""
    if not isinstance(area, Collections):
        return {}
    return {each.name: f"{each.title} ({each.kind})" for each in things(area.home(owner))}
