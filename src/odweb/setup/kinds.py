"""The devices and programs a person chooses among; each has a page of its own in `templates/setup/ready`."""

from typing import Any

import msgspec
from django.utils.translation import gettext_lazy as _

_TALK = ("mail", "dav")
_LOOK_UP = (*_TALK, "directory")
_FILES = ("drive",)


class Kind(msgspec.Struct, frozen=True):
    """`scopes` are what its password opens."""

    id: str
    title: Any  # shown; also what the device is called unless its owner says otherwise
    lead: Any
    scopes: tuple[str, ...] = _TALK


KINDS = {
    kind.id: kind
    for kind in (
        Kind("apple", _("iPhone, iPad or Mac"), _("Mail, calendars and contacts with one file.")),
        Kind("android", _("Android phone"), _("Mail by reading a picture; calendars and contacts.")),
        Kind("thunderbird", _("Thunderbird"), _("Mail, calendars and contacts on Windows, macOS and Linux."), _LOOK_UP),
        Kind("outlook", _("Outlook on Windows"), _("The classic Outlook, with a card of its settings."), _LOOK_UP),
        Kind(
            "other",
            _("Another program"),
            _("All settings, for any program that knows IMAP, CalDAV or CardDAV."),
            _LOOK_UP,
        ),
        Kind("drive-windows", _("Files on Windows"), _("The drive as a letter in the Explorer."), _FILES),
        Kind("drive-macos", _("Files on a Mac"), _("The drive in the Finder."), _FILES),
        Kind("drive-linux", _("Files on Linux"), _("The drive in Files, in Dolphin or as a folder."), _FILES),
    )
}
