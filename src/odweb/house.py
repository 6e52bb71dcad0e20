"""What pages need of the suite: the ports, handed over once by whoever builds the processes."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from odcore.audit.trail import Trail
from odcore.directory.admin import Admin
from odcore.directory.ldap import LdapDirectory
from odcore.directory.model import Person
from odcore.errors import Fault, Kind
from odcore.identity.api import Access, SignIn
from odcore.identity.rights import Rights
from odcore.identity.throttle import Throttle
from odcore.identity.uses import Uses
from odcore.ids import AccountId
from odcore.sharing.api import Register
from odcore.sms.api import Sms
from oddav.drive.store.drives import Drives
from oddav.feeds.subscribing import Subscribing
from oddav.store.store import Store as Collections
from odmail.delivery.steering import Steering
from odmail.delivery.unsubscribing import Unsubscribing
from odmail.history.store import History
from odmail.mailbox.api import MailAccount
from odmail.reports.store import Reports
from odmail.tenure.archive import Archive
from odweb.discovery.services import Services
from odweb.usage import Usage


class House(msgspec.Struct, frozen=True):
    """Everything in it blocks and may be called from any thread."""

    folder: Path  # of what pages keep: sessions, work in progress, collected static files
    services: Callable[[], Services]
    directory: LdapDirectory
    sign_in: SignIn
    access: Access
    admin: Callable[[str], Admin]  # in the name of a person's id
    trail: Trail
    uses: Uses  # when devices were last used, and people seen
    usage: Usage
    throttle: Throttle
    seal: Path  # the key that closes secrets which must be read again
    certificate: tuple[Path, Path]  # the server's, and its key: what profiles are signed with
    sms: Callable[[Sms], None]
    mail: Callable[[AccountId], MailAccount]
    check_script: Callable[[MailAccount, str], object]  # Fault BAD_REQUEST
    objection: Callable[[str], str]  # why no script may send mail to an address
    collections: Collections
    subscribing: Subscribing
    drives: Drives
    register: Register
    steering: Callable[[str, Rights], Steering]  # of the queue, in the name of a person's id
    history: History
    reports: Reports
    tenures: Archive
    tenure_readers: str  # "holders" or "nobody"
    delegates: int  # people who may be let into one account at a time
    own_photo: bool  # may people set theirs?
    letter: Callable[[str, str, str, str], None]  # to, subject, text, language: mail of the house
    unsubscribing: Unsubscribing  # what links in the mail of lists stand for

    def write(self, person: Person, subject: str, text: str) -> None:
        """Mail to a person. Whoever has no address that mail can reach is not a reason to tell nobody else."""
        if not person.addresses:
            return
        try:
            self.letter(person.addresses[0], subject, text, person.language or "en")
        except Fault as fault:
            if fault.kind is not Kind.BAD_REQUEST:
                raise

    def link(self, path: str) -> str:
        """The address of a page, for mail and text messages: never made of what a request says."""
        told = self.services()
        port = "" if told.https in (0, 443) else f":{told.https}"
        return f"https://{told.host}{port}{path}"
