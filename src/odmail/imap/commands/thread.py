"""THREAD and UID THREAD.  RFC 5256 3"""

from odmail.imap import finding, threads
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import BadSyntax, Reply, State, Touches


@command(
    "THREAD",
    states=State.SELECTED,
    rfc="5256 3",
    capability="THREAD=ORDEREDSUBJECT THREAD=REFERENCES",
    uid=True,
    touches=Touches.USES_NUMBERS,
    long=True,
)
async def thread(session: Session, args: Reader) -> Reply | None:
    """Tell which messages meet the criteria, by conversations."""
    algorithm = threads.ALGORITHMS.get(args.word())
    if algorithm is None:
        raise BadSyntax("unknown threading algorithm")
    args.space()
    refused = finding.read_charset(args)
    if refused is not None:
        return refused
    wanted = await finding.read_criteria(session, args)
    found = await finding.find(session, wanted)
    reading = finding.reading(session, found)
    made = await session.call(threads.of, session.house.keep, reading, algorithm, found.uids)
    numbers = await finding.numbers(session, made.order, by_uid=args.uid)
    await session.send(await session.call(made.written, numbers))
    return None
