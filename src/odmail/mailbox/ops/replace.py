"""REPLACE: a message leaves and its new version enters, in one transaction.  RFC 8508"""

from odcore.blob.store import Blobs
from odcore.errors import Fault, Kind
from odmail.mailbox import placements
from odmail.mailbox.api import Replace, Replaced
from odmail.mailbox.messages import Prepared
from odmail.mailbox.ops.append import append
from odmail.mailbox.ops.expunge import remove
from odmail.mailbox.transaction import Transaction


def replace(tx: Transaction, options: Replace, reader: int, prepared: Prepared, blobs: Blobs) -> Replaced:
    """The old one leaves first: an account that is full can still save a draft of the same size."""
    box = tx.box(options.mailbox)
    places = placements.find(tx, box.mailbox, [(options.uid, options.uid)])
    if not places:
        raise Fault(Kind.EXPUNGED, "The message is gone.")
    modseq = remove(tx, box, places)
    appended = append(tx, options.new, reader, [prepared], blobs)
    return Replaced(appended, appended.modseq if appended.mailbox == box.mailbox else modseq)
