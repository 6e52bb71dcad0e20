"""In which languages the system writes to somebody."""

from odcore.directory.api import Directory
from odcore.errors import Fault
from odmail.delivery.resolve import default_domain, domain_of
from odmail.words import Words


def words_for(directory: Directory, address: str) -> Words:
    """A person's own language; else those of the address's domain, of the default domain for strangers."""
    try:
        return Words(_chosen(directory, address) or _common(directory, address))
    except Fault:  # the directory is away: a report in English now is worth more than one in Odia later
        return Words()


def _chosen(directory: Directory, address: str) -> tuple[str, ...]:
    if not directory.is_ours(domain_of(address)):
        return ()
    try:
        language = directory.person(address).language
    except Fault:  # a post, a list
        return ()
    return (language,) if language else ()


def _common(directory: Directory, address: str) -> tuple[str, ...]:
    """The domain that says nothing speaks as the default one does."""
    said = {domain.name: domain.languages for domain in directory.domains()}
    return said.get(domain_of(address)) or said.get(default_domain(directory), ())
