"""Do apps find the servers of the domain?  RFC 6186, RFC 6764, RFC 8314 5.1, RFC 5804 1.8, autoconfig"""

from collections.abc import Iterator

from odsuite.published.check import Case, Check, Verdict, doubtful, good, listed, none_for_missing, txt

_NAMES = {
    "imaps": "_imaps._tcp",
    "imap": "_imap._tcp",
    "submissions": "_submissions._tcp",
    "submission": "_submission._tcp",
    "pop3s": "_pop3s._tcp",
    "pop3": "_pop3._tcp",
    "managesieve": "_sieve._tcp",
}
_WEB = ("_caldavs._tcp", "_carddavs._tcp")
_PAGES = ("autoconfig", "autodiscover")


def look(case: Case) -> Iterator[Verdict]:
    """Apps fall back on guessing: what is missing is a warning."""
    wanted = {label: case.ports.get(service, 0) for service, label in _NAMES.items()}
    wanted |= dict.fromkeys(_WEB, case.ports.get("https", 0))
    found = [label for label, port in wanted.items() if port and _is_here(case, label, port)]
    missing = [label for label, port in wanted.items() if port and label not in found]
    if found:
        yield good(f"apps find {listed(found)}")
    if missing:
        records = [f"{label}.{case.domain}. IN SRV 0 1 {wanted[label]} {case.host}." for label in missing]
        yield doubtful(f"apps must guess or be told: {listed(missing)}", *records)
    if case.ports.get("https"):
        yield from _paths(case)
        yield from _pages(case)


def _is_here(case: Case, label: str, port: int) -> bool:
    records = none_for_missing(case.source.srv, f"{label}.{case.domain}")
    return any((each.port, each.target) == (port, case.host.lower()) for each in records)


def _paths(case: Case) -> Iterator[Verdict]:
    """RFC 6764 4"""
    names = [f"{label}.{case.domain}" for label in _WEB]
    lacking = [name for name in names if b"path=/dav/" not in case.texts(name)]
    if lacking:
        yield doubtful("apps must ask for the path of calendars", *(txt(name, "path=/dav/") for name in lacking))


def _pages(case: Case) -> Iterator[Verdict]:
    """Thunderbird, K-9 and Outlook ask hosts of these names for a file."""
    ours = set(case.addresses(case.host))
    for label in _PAGES:
        name = f"{label}.{case.domain}"
        if not ours & set(case.addresses(name)):
            yield doubtful(f"{name} does not lead here", f"{name}. IN CNAME {case.host}.")
        elif not case.certified(name):
            yield doubtful(f"no certificate of ours is for {name}, so apps that ask there over TLS are warned")


CHECK = Check("services", 70, look)
