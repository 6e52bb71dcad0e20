"""Disabling and enabling people, posts, lists and aliases."""

from odcore.directory.admin import Admin
from odcore.directory.model import Alias, Group, Person, Post, State


def set_state(admin: Admin, entry: Person | Post | Group | Alias, state: State) -> None:
    """At once and everywhere: sign-ins fail, open sessions end, mail is refused."""
    admin.link.modify(entry.dn, {"odmailState": [state]})
    word = type(entry).__name__.lower()
    admin.changed(f"{word}-{'enabled' if state is State.ACTIVE else 'disabled'}", entry.id, name=entry.dn)
