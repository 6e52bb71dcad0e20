"""The SEARCH keys: from a client's words to the store's tree of criteria.  RFC 9051 6.4.4

Sequence numbers become uids here, so that the store never hears of a session's view.
"""

import re
from array import array
from collections.abc import Callable

from odmail.imap import seqset
from odmail.imap.reader import Reader
from odmail.imap.types import BadSyntax
from odmail.mailbox import search
from odmail.mailbox.model import Flag
from odmail.mailbox.search import Criterion

NOTHING = search.Uids(())

_STARTS_SET = re.compile(rb"[0-9*$]")

_FLAGS = {
    b"ANSWERED": Flag.ANSWERED,
    b"DELETED": Flag.DELETED,
    b"DRAFT": Flag.DRAFT,
    b"FLAGGED": Flag.FLAGGED,
    b"SEEN": Flag.SEEN,
}
_DAYS = {
    b"%b%b" % (prefix, relation): (field, relation.decode().lower())
    for prefix, field in ((b"", "received"), (b"SENT", "sent"), (b"SAVED", "saved"))
    for relation in (b"BEFORE", b"ON", b"SINCE")
}
_FIELDS = frozenset((b"BCC", b"CC", b"FROM", b"SUBJECT", b"TO"))


class Criteria:
    """Reads keys off a command. Afterwards `modseq` tells whether MODSEQ was among them (RFC 7162 3.1.5), and `lowest`
    the lowest sequence number that was, 0 for none: the uids of the view must be known from there on."""

    def __init__(self, args: Reader, uids: "array[int]", saved: "array[int]", recent_from: int) -> None:
        self.modseq = False
        self.lowest = 0
        self._args = args
        self._uids = uids
        self._saved = saved
        self._recent = search.Uids(((recent_from, seqset.MAX),)) if recent_from <= seqset.MAX else NOTHING

    def read(self) -> Criterion:
        """All keys up to the end of the command: every one of them must hold."""
        keys = [self._key()]
        while self._args.take(b" "):
            keys.append(self._key())
        return _all_of(keys)

    def _key(self) -> Criterion:
        args = self._args
        if args.peek(b"("):
            return _all_of(args.list_of(self._key, empty=False))
        if args.looks_like(_STARTS_SET):
            return self._numbers()
        word = args.word()
        simple = self._simple(word)
        if simple is not None:
            return simple
        read = _KEYS.get(word)
        if read is None:
            raise BadSyntax("unknown search key")
        args.space()
        return read(self, word)

    def _simple(self, word: bytes) -> Criterion | None:
        """Keys that stand alone."""
        if word in _FLAGS:
            return search.HasFlags(_FLAGS[word])
        if word.startswith(b"UN") and word[2:] in _FLAGS:
            return search.HasFlags(_FLAGS[word[2:]], on=False)
        if word == b"ALL":
            return search.All()
        if word == b"RECENT":
            return self._recent
        if word == b"OLD":
            return search.Not(self._recent)
        if word == b"NEW":
            return search.And((self._recent, search.HasFlags(Flag.SEEN, on=False)))
        return search.SaveDateSupported() if word == b"SAVEDATESUPPORTED" else None

    # Numbers.

    def _numbers(self) -> Criterion:
        wanted = seqset.read(self._args)
        if wanted.saved:
            return self._result()
        spans = seqset.clip_numbers(wanted, len(self._uids))
        if spans:
            self.lowest = min(self.lowest or seqset.MAX, spans[0][0] + 1)
        return search.Uids(seqset.uid_ranges(spans, self._uids))

    def uid(self, _word: bytes) -> Criterion:
        """UID set"""
        wanted = seqset.read(self._args)
        if wanted.saved:
            return self._result()
        top = self._uids[-1] if self._uids else 0
        ranges = ((first or top, last or top) for first, last in wanted.ranges)
        return search.Uids([(min(both), max(both)) for both in ranges])

    def _result(self) -> Criterion:
        """$, what an earlier SEARCH found."""
        return search.Uids(list(seqset.runs(self._saved)))

    # Keys that are made of keys.

    def negated(self, _word: bytes) -> Criterion:
        """NOT key"""
        return search.Not(self._inner())

    def either(self, _word: bytes) -> Criterion:
        """OR key key"""
        first = self._inner()
        self._args.space()
        return search.Or((first, self._inner()))

    def _inner(self) -> Criterion:
        self._args.deeper()
        key = self._key()
        self._args.shallower()
        return key

    # Keys with one argument.

    def day(self, word: bytes) -> Criterion:
        """BEFORE, ON, SINCE and their SENT and SAVED forms (RFC 8514 4.3)"""
        field, relation = _DAYS[word]
        return search.Day(field, relation, self._args.date())

    def size(self, word: bytes) -> Criterion:
        """LARGER n, SMALLER n"""
        return search.Size(self._args.number64(), larger=word == b"LARGER")

    def within(self, word: bytes) -> Criterion:
        """OLDER n, YOUNGER n.  RFC 5032 3"""
        seconds = self._args.number()
        if not seconds:
            raise BadSyntax("expected a number of seconds above zero")
        return search.Within(seconds, younger=word == b"YOUNGER")

    def field(self, word: bytes) -> Criterion:
        """FROM text and the like"""
        return search.Header(word.decode("ascii").lower(), self._args.text())

    def header(self, _word: bytes) -> Criterion:
        """HEADER name text"""
        name = self._args.text().lower()
        self._args.space()
        return search.Header(name, self._args.text())

    def text(self, word: bytes) -> Criterion:
        """BODY text, TEXT text"""
        return search.Text(self._args.text(), header=word == b"TEXT")

    def keyword(self, word: bytes) -> Criterion:
        """KEYWORD flag, UNKEYWORD flag"""
        return search.HasKeyword(self._args.atom().decode("ascii"), on=word == b"KEYWORD")

    def changed(self, _word: bytes) -> Criterion:
        """MODSEQ ["entry" type] n. We keep one modseq for all of a message's metadata, as the RFC allows."""
        self.modseq = True
        if self._args.peek(b'"'):
            self._args.string()
            self._args.space()
            if self._args.word() not in (b"ALL", b"PRIV", b"SHARED"):
                raise BadSyntax("expected all, priv or shared")
            self._args.space()
        return search.ModSeq(self._args.number64())

    def object_id(self, word: bytes) -> Criterion:
        """EMAILID id, THREADID id. An id that we never gave out matches nothing.  RFC 8474 4"""
        given = self._args.atom()
        if given[:1] != word[:1].replace(b"E", b"M") or not given[1:].isdigit() or len(given) > 20:
            return NOTHING
        number = int(given[1:])
        return search.EmailId(number) if word == b"EMAILID" else search.ThreadId(number)


_KEYS: dict[bytes, Callable[[Criteria, bytes], Criterion]] = {
    b"UID": Criteria.uid,
    b"NOT": Criteria.negated,
    b"OR": Criteria.either,
    b"LARGER": Criteria.size,
    b"SMALLER": Criteria.size,
    b"OLDER": Criteria.within,
    b"YOUNGER": Criteria.within,
    b"HEADER": Criteria.header,
    b"BODY": Criteria.text,
    b"TEXT": Criteria.text,
    b"KEYWORD": Criteria.keyword,
    b"UNKEYWORD": Criteria.keyword,
    b"MODSEQ": Criteria.changed,
    b"EMAILID": Criteria.object_id,
    b"THREADID": Criteria.object_id,
    **dict.fromkeys(_DAYS, Criteria.day),
    **dict.fromkeys(_FIELDS, Criteria.field),
}


def _all_of(keys: list[Criterion]) -> Criterion:
    return keys[0] if len(keys) == 1 else search.And(tuple(keys))
