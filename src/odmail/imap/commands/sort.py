"""SORT and UID SORT.  RFC 5256 3, RFC 5957, RFC 5267 3"""

from array import array

from odmail.imap import finding, results, sorting
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import Reply, State, Touches


@command(
    "SORT",
    states=State.SELECTED,
    rfc="5256 3",
    capability="SORT SORT=DISPLAY ESORT",
    uid=True,
    touches=Touches.USES_NUMBERS,
    long=True,
)
async def sort(session: Session, args: Reader) -> Reply | None:
    """Tell which messages meet the criteria, in the order asked for."""
    options = results.read(args)
    order = sorting.read(args)
    args.space()
    refused = finding.read_charset(args)
    if refused is not None:
        return refused
    wanted = await finding.read_criteria(session, args)
    if b"SAVE" in options.words:
        session.selected.saved = array("I")
    found = await finding.find(session, wanted)
    reading = finding.reading(session, found)
    uids = await session.call(sorting.arrange, session.house.keep, reading, order, found.uids)
    await finding.answer(session, args, b"SORT", options, finding.Found(uids, found.modseq))
    return None
