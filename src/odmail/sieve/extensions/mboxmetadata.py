"""mboxmetadata and servermetadata: annotations of mailboxes and of the server.  RFC 5490 4, 5"""

from odmail.sieve.declare import Extension, Question, Takes
from odmail.sieve.run import Condition, Run
from odmail.sieve.use import Use


def _metadata(use: Use) -> Condition:
    mailbox, name, matcher = use.text(0), use.text(1), use.matcher(2)

    def metadata(run: Run) -> bool:
        value = run.lookup.annotation(mailbox(run), name(run))
        return value is not None and matcher.any(run, (value,))

    return metadata


def _metadataexists(use: Use) -> Condition:
    mailbox, names = use.text(0), use.texts(1)
    return lambda run: all(run.lookup.annotation(mailbox(run), name) is not None for name in names(run))


def _servermetadata(use: Use) -> Condition:
    name, matcher = use.text(0), use.matcher(1)

    def servermetadata(run: Run) -> bool:
        value = run.lookup.annotation(None, name(run))
        return value is not None and matcher.any(run, (value,))

    return servermetadata


def _servermetadataexists(use: Use) -> Condition:
    names = use.texts(0)
    return lambda run: all(run.lookup.annotation(None, name) is not None for name in names(run))


_STRING, _STRINGS = Takes.STRING, Takes.STRINGS

EXTENSION = Extension(
    "mboxmetadata",
    "5490",
    also=("servermetadata",),
    questions=(
        Question("metadata", _metadata, ((_STRING, _STRING, _STRINGS),), matching=True),
        Question("metadataexists", _metadataexists, ((_STRING, _STRINGS),)),
        Question("servermetadata", _servermetadata, ((_STRING, _STRINGS),), matching=True, requires="servermetadata"),
        Question("servermetadataexists", _servermetadataexists, ((_STRINGS,),), requires="servermetadata"),
    ),
)
