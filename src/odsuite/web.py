"""What HTTPS serves: each application at its path, and the gateway in front of all."""

from collections.abc import Callable, Iterable
from functools import partial

from odcore import metrics
from odcore.net.tls import KeyPair
from odcore.web.admission import Admission
from odcore.web.basic import Basic
from odcore.web.gateway import Gateway
from odcore.web.mount import Entry, Mount
from oddav.radicale import app as dav
from oddav.wsgidav import app as drive
from odmail.delivery.checking import check_script
from odmail.transport.sts import Policy, ours
from odsuite import addresses
from odsuite.build import Parts
from odsuite.http_server import THREADS
from odsuite.process import certificate_paths
from odsuite.settings import Settings
from odweb.discovery import autoconfig, autodiscover, mta_sts, pacc, wellknown
from odweb.discovery.services import Services
from odweb.house import House
from odweb.project.application import pages
from odweb.project.static import static_files

_LARGEST_FORM = 25 << 20
"""Octets: a sheet of ten thousand rows."""

_LARGEST_RESOURCE = 10 << 20
"""Octets of a request to calendars and address books."""

_LARGEST_FILE = 50 << 30
"""Octets, and more than a quota usually leaves."""

_SHOWN = ("imaps", "imap", "submissions", "submission", "https", "ldaps")


def gateway(parts: Parts) -> Gateway:
    """An eighth of the threads stays free for requests and answers that are short; one account may hold as many."""
    senders, readers = Admission(THREADS // 2, THREADS // 8), Admission(THREADS * 3 // 8, THREADS // 8)
    return Gateway(list(_mounts(parts)), Basic(parts.sign_in), senders, readers, metrics.observe_http)


def _mounts(parts: Parts) -> Iterable[Mount]:
    yield from _discovery(lambda: services(parts.settings, [domain.name for domain in parts.directory.domains()]))
    yield Mount(mta_sts.PATH, mta_sts.app(partial(_policy, parts)), "discovery", max_body=64 << 10)
    yield Mount(
        "/dav",
        dav.app(parts.dav_house),
        "dav",
        Entry.SIGNED_IN,
        max_body=_LARGEST_RESOURCE,
        open_methods=frozenset({"OPTIONS"}),
    )
    yield _drive(parts)
    house = house_of(parts)
    yield Mount("", drive.above(pages(house, _hosts(parts)), ("drive",)), "web", max_body=_LARGEST_FORM, streams=True)
    yield Mount("/static", static_files(house.folder), "static")


def _drive(parts: Parts) -> Mount:
    return Mount(
        "/drive",
        drive.app(parts.drive_view),
        "drive",
        Entry.SIGNED_IN,
        _LARGEST_FILE,
        streams=True,
        open_methods=frozenset({"OPTIONS"}),
    )


def _discovery(told: Callable[[], Services]) -> Iterable[Mount]:
    for paths, app in (
        (autoconfig.PATHS, autoconfig.app(told)),
        (autodiscover.POX_PATHS, autodiscover.pox(told)),
        (autodiscover.JSON_PATHS, autodiscover.json(told)),
        (wellknown.PATHS, wellknown.redirect("/dav/")),
        (pacc.PATHS, pacc.app(told)),
    ):
        for path in paths:
            yield Mount(path, app, "discovery", max_body=64 << 10)


def house_of(parts: Parts) -> House:
    """What the pages stand upon."""
    return House(
        folder=parts.root / "web",
        services=lambda: services(parts.settings, [domain.name for domain in parts.directory.domains()]),
        directory=parts.directory,
        sign_in=parts.sign_in,
        access=parts.access,
        admin=parts.admin,
        trail=parts.trail,
        uses=parts.uses,
        usage=parts.usage,
        throttle=parts.throttle,
        seal=parts.root / "keys" / "web",
        certificate=certificate_paths(parts.settings)[0],
        sms=parts.sms.put,
        mail=parts.store.open,
        check_script=partial(check_script, parts.reach),
        objection=parts.reach.objection,
        collections=parts.collections,
        subscribing=parts.subscribing,
        drives=parts.drives,
        register=parts.register,
        steering=parts.steering,
        history=parts.history,
        reports=parts.reports,
        tenures=parts.tenures,
        tenure_readers=parts.settings.tenure.readers,
        delegates=parts.settings.sharing.delegates,
        own_photo=parts.settings.identity.own_photo,
        letter=parts.letters.send,
        unsubscribing=parts.unsubscribing,
    )


def _hosts(parts: Parts) -> list[str]:
    """The names a browser may call us by: those of the certificate."""
    names = [
        each for certificate, key in certificate_paths(parts.settings) for each in KeyPair(certificate, key).names()
    ]
    return [*names, parts.settings.name, "127.0.0.1", "[::1]"]


def _policy(parts: Parts, domain: str) -> Policy | None:
    """A domain's, if it is ours: the same servers take mail for all of them."""
    return own_policy(parts.settings) if parts.directory.is_ours(domain) else None


def own_policy(settings: Settings) -> Policy | None:
    """What we ask of those who send to us."""
    return ours(settings.delivery.mta_sts, settings.delivery.exchangers or (settings.name,))


def services(settings: Settings, domains: Iterable[str]) -> Services:
    """As apps reach them: the first address of each service counts."""
    found = addresses.ports(settings)
    shown = {name: found[name] for name in _SHOWN}
    return Services(host=settings.name, domains=tuple(domains) or (settings.name,), **shown)
