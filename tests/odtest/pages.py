"""The pages' own database and use cases in a test's process, over a directory from memory."""

import re
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from odcore.directory.model import Group, Office, Person, Post
from odcore.errors import Fault, Kind
from odcore.sms.api import Sms
from odweb.discovery.services import Services
from odweb.house import House
from odweb.project.configure import configure


class Town:
    """A directory of a few entries: what the pages look up."""

    def __init__(self, *entries: Person | Office | Group) -> None:
        self.entries = list(entries)

    def offices(self, _text: str = "") -> list[Office]:
        return [each for each in self.entries if isinstance(each, Office)]

    def people(self, _text: str = "") -> list[Person]:
        return [each for each in self.entries if isinstance(each, Person)]

    def expiring(self, since: datetime, until: datetime) -> list[Person]:
        return [each for each in self.people() if each.expires is not None and since <= each.expires <= until]

    def posts_held(self, _person: str, _instant: datetime) -> tuple[Post, ...]:
        return ()

    def groups_of(self, _account: str) -> tuple[str, ...]:
        return ()

    def person(self, key: str) -> Person:
        return self._find(Person, key)

    def post(self, key: str) -> Any:
        raise Fault(Kind.NOT_FOUND, key)

    def group(self, key: str) -> Group:
        return self._find(Group, key)

    def _find(self, kind: type, key: str) -> Any:
        for each in self.entries:
            if isinstance(each, kind) and key in (each.id, getattr(each, "cn", ""), getattr(each, "uid", "")):
                return each
        raise Fault(Kind.NOT_FOUND, key)


class Kept:
    """A house whose mail and text messages are kept for the test to read."""

    def __init__(self, town: Town) -> None:
        self.letters: list[tuple[str, str, str, str]] = []
        self.sms: list[Sms] = []
        self.house = House(
            **dict.fromkeys(House.__struct_fields__)
            | {
                "folder": _folder(),
                "services": lambda: Services("mail.odisha.example", ("odisha.example",), 993, 143, 465, 587, 443),
                "directory": town,
                "delegates": 5,
                "own_photo": True,
                "tenure_readers": "holders",
                "sms": self.sms.append,
                "letter": lambda *letter: self.letters.append(letter),
            }
        )


def routes() -> list[str]:
    """Every address of the pages; where one names something, something that is not there."""
    _folder()
    from django.urls import get_resolver

    return sorted(_filled(f"/{route}") for route in _below(get_resolver().url_patterns))


def _below(patterns: Iterable[Any], start: str = "") -> Iterator[str]:
    for each in patterns:
        route = start + str(each.pattern)
        yield from _below(each.url_patterns, route) if hasattr(each, "url_patterns") else [route]


def _filled(route: str) -> str:
    return re.sub("<[^>]*>", "00000000-0000-4000-8000-000000000000", re.sub("<int:[^>]*>", "1", route))


_folders: list[tempfile.TemporaryDirectory[str]] = []


def _folder() -> Path:
    """One for the process, as Django is: configured when it is first wanted."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    if not settings.configured:
        _folders.append(tempfile.TemporaryDirectory())
        configure(Path(_folders[0].name), "a test's", ["localhost"], "Asia/Kolkata")
        django.setup(set_prefix=False)
        call_command("migrate", verbosity=0, interactive=False)
    return Path(settings.DATABASES["default"]["NAME"]).parent
