"""Mail the system writes to people by itself, accepted by the queue like any other.  RFC 3834"""

from email.utils import format_datetime

from odcore import clock, ids
from odcore.blob.incoming import Memory
from odcore.directory.api import Directory
from odmail.delivery.resolve import default_domain
from odmail.delivery.trace import return_path
from odmail.message.compose import address_field, field, message, message_part, multipart, text_part
from odmail.queue.api import Accept, Queue
from odmail.queue.model import Envelope, Origin, Recipient


class Letters:
    """Durable when `send` returns; never answered by a machine."""

    def __init__(self, host: str, directory: Directory, queue: Queue) -> None:
        self._host = host
        self._directory = directory
        self._queue = queue

    def send(self, to: str, subject: str, text: str, language: str, attached: bytes = b"") -> None:
        """`language` is the tag of Content-Language; `attached` is another message.

        Faults BAD_REQUEST (no address), LIMIT, TRY_LATER.
        """
        fields = [
            address_field("From", [("Mail system", f"mailer-daemon@{default_domain(self._directory)}")]),
            address_field("To", [("", to)]),
            field("Subject", subject),
            field("Date", format_datetime(clock.now())),
            field("Message-ID", f"<{ids.uuid7()}@{self._host}>"),
            field("Auto-Submitted", "auto-generated"),  # RFC 3834 5
        ]
        entity = text_part(text, language=language)
        if attached:
            entity = multipart("mixed", [entity, message_part(attached)])
        octets = return_path("") + message(fields, entity)
        self._queue.accept(Accept(Envelope("", (Recipient(to),)), Origin("local"), Memory(octets)))
