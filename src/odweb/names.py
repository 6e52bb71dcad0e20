"""What an entry is called: for pages that show ids to people."""

from django.utils.translation import gettext as _

from odcore.directory.ldap import LdapDirectory
from odcore.errors import Fault, Kind
from odcore.sharing import identifiers
from odcore.sharing.api import ANYONE


def called_in_lists(directory: LdapDirectory, subject: str) -> str:
    """Whom an entry of an access list lets in."""
    return _("everybody") if subject == ANYONE else identifiers.identifier(directory, subject)


def called(directory: LdapDirectory, key: str) -> str:
    """A person's name, a post's title, a list's name; `key` itself when nothing of ours has it."""
    for find in (directory.person, directory.post, directory.group):
        try:
            found = find(key)
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise
        else:
            return str(getattr(found, "name", "") or getattr(found, "title", ""))
    return key
