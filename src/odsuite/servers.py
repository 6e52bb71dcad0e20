"""Which server stands behind which listening socket."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from odcore import metrics
from odcore.identity.presence import Presence
from odcore.kept import Kept
from odcore.net.client import caller, quick_caller
from odcore.net.listen import Admission, adopt
from odcore.net.standing import Guest, Standing
from oddav.ldap.ports import House as LdapHouse
from oddav.ldap.server import LdapService
from odmail.delivery.checking import check_script
from odmail.delivery.ports import Gate
from odmail.history.model import Note, nothing
from odmail.imap.ports import House as ImapHouse
from odmail.imap.ports import Watch
from odmail.imap.server import ImapService
from odmail.managesieve.ports import House as ManageSieveHouse
from odmail.managesieve.server import ManageSieveService
from odmail.pop3.ports import House as Pop3House
from odmail.pop3.server import Pop3Service
from odmail.smtp.ports import House as SmtpHouse
from odmail.smtp.server import SmtpFactory
from odmail.smtp.types import LMTP, MX, SUBMISSION, SUBMISSIONS, Service
from odsuite.build import Parts
from odsuite.process import Process

Socket = tuple[str, int]
"""The service's name in `[listen]`, and the descriptor."""

SMTP: Mapping[str, Service] = {"mx": MX, "submission": SUBMISSION, "submissions": SUBMISSIONS, "lmtp": LMTP}

MANAGESIEVE = "managesieve"

LDAPS = "ldaps"

IMAP: Mapping[str, bool] = {"imap": False, "imaps": True}
"""Is it TLS from the first octet?"""

POP3: Mapping[str, bool] = {"pop3": False, "pop3s": True}
"""Likewise."""

KEPT = 64 << 20
"""Octets that a process keeps of what SORT and THREAD made."""


def serve_mail(process: Process, parts: Parts, sockets: Iterable[Socket], *, mailboxes: bool) -> None:
    """MX, submission and LMTP."""
    gates: Mapping[str, Callable[[], Gate]] = {
        "mx": lambda: parts.mx_gate(mailboxes),
        "submission": parts.submission_gate,
        "submissions": parts.submission_gate,
        "lmtp": parts.lmtp_gate,
    }
    for name, descriptor in sockets:
        people = parts if SMTP[name].sign_in else None
        serve_smtp(process, descriptor, SMTP[name], gates[name](), people, tls=name != "lmtp", note=parts.history.note)


def serve_smtp(
    process: Process,
    descriptor: int,
    service: Service,
    gate: Gate,
    people: Parts | None,
    *,
    tls: bool,
    note: Note = nothing,
) -> None:
    """One service. At the end it first refuses, then lets messages on their way arrive."""
    house = SmtpHouse(
        host=process.settings.name,
        service=service,
        gate=gate,
        sign_in=people.sign_in if people else None,
        presence=people.presence if people else Presence(),
        starttls=tls and not service.implicit_tls,
        measure=partial(metrics.observe_command, service.name),
        note=note,
    )
    certificates = process.tls if tls else None
    factory = SmtpFactory(house, process.settings.smtp, process.hop, process.reactor, certificates)
    wrapped = process.people_tls if service.implicit_tls else None
    port = adopt(process.reactor, descriptor, factory, wrapped, shared=True)
    if people is not None:
        _watch(process, people, lambda: factory.guests)
    process.at_stop(factory.shut_down)
    process.at_stop(port.stopListening)


def serve_imap(process: Process, parts: Parts, sockets: Iterable[Socket]) -> None:
    """One service on all its sockets."""
    house = ImapHouse(
        settings=process.settings.imap,
        sign_in=parts.sign_in,
        access=parts.access,
        sharing=parts.sharing,
        open=parts.open,
        call=caller(process.hop),
        quick=quick_caller(process.hop),
        watch=Watch(),
        record=parts.trail.record,
        keep=Kept(KEPT),
        contact=lambda: f"mailto:postmaster@{parts.directory.default_domain()}",
        presence=parts.presence,
        check_space=parts.space.check,
        measure=partial(metrics.observe_command, "imap"),
    )
    service = ImapService(house, process.bus, process.reactor, process.tls)
    service.start()
    process.at_stop(service.stop)
    for name, descriptor in sockets:
        implicit = IMAP[name]
        factory = service.factory(secure=implicit)
        port = adopt(process.reactor, descriptor, factory, process.people_tls if implicit else None)
        process.at_stop(port.stopListening)


def serve_managesieve(process: Process, parts: Parts, descriptor: int) -> None:
    """One service on one socket."""
    house = ManageSieveHouse(
        sign_in=parts.sign_in,
        open=parts.open,
        check=partial(check_script, parts.reach),
        call=caller(process.hop),
        record=parts.trail.record,
        presence=parts.presence,
        measure=partial(metrics.observe_command, MANAGESIEVE),
    )
    service = ManageSieveService(house, process.reactor, process.tls)
    service.start()
    _watch(process, parts, lambda: tuple(service.connections))
    port = adopt(process.reactor, descriptor, service.factory(secure=False))
    process.at_stop(service.stop)
    process.at_stop(port.stopListening)


def serve_ldaps(process: Process, parts: Parts, descriptor: int) -> None:
    """One service on one socket, with the limits of IMAP."""
    house = LdapHouse(
        sign_in=parts.sign_in,
        call=caller(process.hop),
        tree=parts.tree,
        presence=parts.presence,
        measure=partial(metrics.observe_command, "ldap"),
    )
    limits = process.settings.imap
    admission = Admission(limits.max_connections, limits.max_per_address)
    service = LdapService(house, process.reactor, process.tls, admission)
    service.start()
    _watch(process, parts, lambda: tuple(service.connections))
    port = adopt(process.reactor, descriptor, service.factory(secure=True), process.tls)
    process.at_stop(service.stop)
    process.at_stop(port.stopListening)


def serve_pop3(process: Process, parts: Parts, sockets: Iterable[Socket]) -> None:
    """One service on all its sockets, with the limits of IMAP."""
    house = Pop3House(
        sign_in=parts.sign_in,
        open=parts.open,
        call=caller(process.hop),
        presence=parts.presence,
        measure=partial(metrics.observe_command, "pop3"),
    )
    limits = process.settings.imap
    admission = Admission(limits.max_connections, limits.max_per_address)
    service = Pop3Service(house, process.reactor, process.tls, admission)
    service.start()
    _watch(process, parts, lambda: tuple(service.connections))
    process.at_stop(service.stop)
    for name, descriptor in sockets:
        implicit = POP3[name]
        factory = service.factory(secure=implicit)
        port = adopt(process.reactor, descriptor, factory, process.people_tls if implicit else None)
        process.at_stop(port.stopListening)


def _watch(process: Process, parts: Parts, guests: Callable[[], Iterable[Guest]]) -> None:
    """End these sessions when their access ends."""
    standing = Standing(guests, parts.sign_in, process.hop, process.bus, process.reactor)
    standing.start()
    process.at_stop(standing.stop)
