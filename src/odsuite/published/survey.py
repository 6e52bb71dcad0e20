"""All checks over all domains: `odmail doctor --dns`."""

import importlib
import pkgutil
from collections.abc import Iterator

import msgspec

from odcore.errors import Fault
from odcore.net.tls import KeyPair, client_context
from odmail.transport.fetch import Https
from odsuite import addresses
from odsuite.build import Parts
from odsuite.process import certificate_paths
from odsuite.published import checks
from odsuite.published.check import Case, Check, Verdict, bad
from odsuite.web import own_policy, services
from odweb.discovery import pacc

LABELS = ("autoconfig", "autodiscover", "mta-sts", "ua-auto-config")
"""Of hosts that apps and servers make of a domain and ask over TLS."""


def load() -> tuple[Check, ...]:
    """In their order."""
    names = (f"{checks.__name__}.{each.name}" for each in pkgutil.iter_modules(checks.__path__))
    modules = map(importlib.import_module, names)
    return tuple(sorted((module.CHECK for module in modules), key=lambda check: check.place))


def survey(parts: Parts) -> Iterator[tuple[str, Verdict]]:
    """Area and verdict; those on a domain begin with its name."""
    for domain in parts.directory.domains():
        for area, verdict in examine(case_of(parts, domain.name)):
            yield area, msgspec.structs.replace(verdict, text=f"{domain.name}: {verdict.text}")
    yield from examine(case_of(parts, ""))


def examine(case: Case) -> Iterator[tuple[str, Verdict]]:
    """The checks for one domain, or for the server; one that cannot be made says so."""
    for check in load():
        if check.of_server is not bool(case.domain):
            try:
                yield from ((check.area, verdict) for verdict in check.look(case))
            except (Fault, OSError) as error:
                yield check.area, bad(f"cannot be checked: {error}")


def case_of(parts: Parts, domain: str) -> Case:
    """`domain` "" is the server itself."""
    settings, domains = parts.settings, [each.name for each in parts.directory.domains()]
    ports = addresses.ports(settings)
    labels = LABELS if ports["https"] else ()
    return Case(
        domain=domain,
        host=settings.name,
        source=parts.resolver,
        keys=parts.dkim_keys,
        fetch=Https(parts.resolver.addresses, client_context()),
        certificates=tuple(KeyPair(*pair) for pair in certificate_paths(settings)),
        ports=ports,
        relay=settings.delivery.relay.host if settings.delivery.relay else "",
        policy=own_policy(settings),
        names=(settings.name, *(f"{label}.{each}" for each in domains for label in labels)),
        vouched=pacc.record(services(settings, domains)),
    )
