"""Mail domains that are ours."""

from collections.abc import Sequence

import msgspec

from odcore.directory.address import domain_key
from odcore.directory.admin import Admin
from odcore.directory.entries import DOMAIN_CLASSES
from odcore.directory.filters import child
from odcore.directory.model import Domain


class AddDomain(msgspec.Struct, frozen=True, kw_only=True):
    """A new domain; the first one is the default whatever is asked."""

    name: str
    default: bool = False


def add_domain(admin: Admin, wanted: AddDomain) -> Domain:
    """Faults EXISTS, BAD_REQUEST."""
    name = domain_key(wanted.name)
    default = wanted.default or not admin.directory.domains()
    dn = child("dc", name, admin.branch("domains"))
    admin.link.add(dn, DOMAIN_CLASSES, {"dc": [name], "odmailDefault": ["FALSE"]})
    made = admin.added("domain-added", lambda: admin.directory.domain(name), name=name)
    return make_default(admin, made) if default else made


def set_languages(admin: Admin, domain: Domain, languages: Sequence[str]) -> Domain:
    """Of mail the system writes to people who have chosen none; none for English."""
    admin.link.modify(domain.dn, {"preferredLanguage": [", ".join(languages)] if languages else []})
    admin.changed("domain-languages-set", domain.id, name=domain.name, languages=" ".join(languages))
    return admin.directory.domain(domain.id)


def make_default(admin: Admin, domain: Domain) -> Domain:
    """Bare logins belong to this domain from now on."""
    others = [each for each in admin.directory.domains() if each.default and each.id != domain.id]
    admin.link.modify(domain.dn, {"odmailDefault": ["TRUE"]})
    for other in others:
        admin.link.modify(other.dn, {"odmailDefault": ["FALSE"]})
    admin.changed("domain-made-default", domain.id, [other.id for other in others], name=domain.name)
    return admin.directory.domain(domain.id)
