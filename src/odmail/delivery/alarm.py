"""Telling people that somebody writes to too many: the log, the audit trail, and a letter to postmaster."""

from collections.abc import Callable

import structlog

from odcore.directory.api import Directory
from odcore.errors import Fault
from odcore.identity.api import Principal
from odmail.delivery.languages import words_for
from odmail.delivery.letters import Letters
from odmail.delivery.resolve import default_domain
from odmail.queue.model import Envelope, Origin
from odmail.words import Say, _

log = structlog.get_logger()

Record = Callable[..., None]
"""`odcore.audit.trail.Trail.record`"""


class Alarm:
    """One for a gate."""

    def __init__(self, directory: Directory, letters: Letters, record: Record) -> None:
        self._directory = directory
        self._letters = letters
        self._record = record

    def submitted(self, principal: Principal, origin: Origin, envelope: Envelope, id: str, *, held: bool) -> None:
        """Who sent what under which name: recipients see the account, the trail knows the person."""
        facts = {"id": id, "sender": envelope.sender, "recipients": str(len(envelope.recipients))}
        event = "submission-held" if held else "submitted"
        self._record(event, principal.person.id, principal.account.id, session=origin.session, **facts)

    def ring(self, principal: Principal, limit: int) -> None:
        """Once an hour for each person. What goes wrong here stops no mail."""
        person = principal.person
        log.warning("sends_too_much", person=person.uid, account=principal.account.id, limit=limit)
        try:
            self._write(person.uid, person.name, limit)
        except Fault as fault:
            log.error("postmaster_not_told", person=person.uid, reason=fault.text)

    def _write(self, uid: str, name: str, limit: int) -> None:
        to = f"postmaster@{default_domain(self._directory)}"
        words = words_for(self._directory, to)
        subject = words.first(_("{login} sends to very many recipients")).format(login=uid)
        self._letters.send(to, subject, words.each(lambda say: _text(say, uid, name, limit)), words.tag)


def _text(say: Say, uid: str, name: str, limit: int) -> str:
    wrote = say(_("{name} ({login}) has written to more than {limit} recipients within an hour."))
    return "\n".join(
        (
            wrote.format(name=name, login=uid, limit=limit),
            say(_("What this person sends is accepted, but held in the queue for the rest of the hour.")),
            "",
            say(_("If the password may be in wrong hands, disable the account first:")),
            "",
            f"    odmail person disable {uid}",
            "",
            say(_("Held messages are seen, let go or deleted by:")),
            "",
            "    odmail queue list --status held",
            "    odmail queue release ID ...",
            "    odmail queue delete ID ...",
        )
    )
