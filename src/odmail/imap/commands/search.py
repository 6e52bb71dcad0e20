"""SEARCH and UID SEARCH.  RFC 9051 6.4.4, RFC 4731, RFC 5182, RFC 7162 3.1.5, RFC 9394 3.1"""

from array import array

from odmail.imap import finding, results
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.results import Options
from odmail.imap.session import Session
from odmail.imap.types import BadSyntax, Reply, State, Touches


@command(
    "SEARCH",
    states=State.SELECTED,
    rfc="9051 6.4.4",
    capability="ESEARCH SEARCHRES WITHIN PARTIAL",
    uid=True,
    touches=Touches.USES_NUMBERS,
    long=True,
)
async def search(session: Session, args: Reader) -> Reply | None:
    """Tell which messages meet the criteria."""
    options = results.read(args)
    if args.take_word(b"CHARSET"):
        if "UTF8=ACCEPT" in session.enabled:  # RFC 6855 3
            raise BadSyntax("UTF-8 goes without saying")
        args.space()
        refused = finding.read_charset(args)
        if refused is not None:
            _forget(session, options)
            return refused
    wanted = await finding.read_criteria(session, args)
    _forget(session, options)
    found = await finding.find(session, wanted, session.reach)
    await finding.answer(session, args, b"SEARCH", options, found)
    return None


def _forget(session: Session, options: Options) -> None:
    """What is saved if the search fails: nothing.  RFC 5182 2.1"""
    if b"SAVE" in options.words:
        session.selected.saved = array("I")
