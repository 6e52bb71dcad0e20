"""Roles: the same code started with fewer servers."""

from collections.abc import Iterable

from odcore.config.types import HostPort
from odcore.errors import Fault, Kind
from odsuite.settings import ListenSettings

SERVICES = {
    "mx": ("mx",),
    "submission": ("submission", "submissions"),
    "imap": ("imap", "imaps"),
    "pop3": ("pop3", "pop3s"),
    "lmtp": ("lmtp",),
    "managesieve": ("managesieve",),
    "ldaps": ("ldaps",),
}
"""The services, as `[listen]` names them, of each role that mail workers serve."""

WEB_SERVICES = ("https",)
"""The services of the role "web", which processes of their own serve."""

BOOK_SERVICES = (*WEB_SERVICES, "ldaps")
"""The services that read the directory book."""

ROLES = (*SERVICES, "web", "queue", "directory", "sink")
"""All roles; "all" is every one of them."""


def parse(text: str) -> frozenset[str]:
    """From `mx,imap` or `all`. Fault BAD_REQUEST names what is no role."""
    found = {word.strip() for word in text.split(",") if word.strip()}
    unknown = found - {*ROLES, "all"}
    if unknown or not found:
        raise Fault(
            Kind.BAD_REQUEST, f"no such role: {', '.join(sorted(unknown)) or '(none)'}; one of {', '.join(ROLES)}"
        )
    return frozenset(ROLES if "all" in found else found)


def tag(chosen: frozenset[str]) -> str:
    """A short name for a set of roles, for files of a supervisor."""
    return "all" if chosen == frozenset(ROLES) else "-".join(sorted(chosen))


def addresses(roles: Iterable[str], listen: ListenSettings) -> list[tuple[str, HostPort]]:
    """Service and address of each listening socket the workers need."""
    services = [service for role in roles for service in (WEB_SERVICES if role == "web" else SERVICES.get(role, ()))]
    return [(service, address) for service in sorted(services) for address in getattr(listen, service)]
