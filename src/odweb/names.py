"""What an entry is called: for pages that show ids to people."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from odcore.directory.ldap import LdapDirectory
from odcore.directory.model import Group, Office, Person, Post
from odcore.errors import Fault, Kind
from odcore.sharing import identifiers
from odcore.sharing.api import ANYONE


def named(entry: Person | Post | Office | Group) -> str:
    """In the language of the page where the directory has it, else as it is."""
    plain = entry.title if isinstance(entry, Post) else entry.name
    return plain if isinstance(entry, Group) else entry.names.get(get_language() or "") or plain


def called_in_lists(directory: LdapDirectory, subject: str) -> str:
    """Whom an entry of an access list lets in."""
    return _("everybody") if subject == ANYONE else identifiers.identifier(directory, subject)


def called(directory: LdapDirectory, key: str) -> str:
    """A person's name, a post's title, a list's name; `key` itself when nothing of ours has it."""
    for find in (directory.person, directory.post, directory.group):
        try:
            return named(find(key))
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise
    return key
