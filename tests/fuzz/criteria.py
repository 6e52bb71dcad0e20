"""SEARCH keys: a tree of criteria of bounded depth, or BadSyntax.  odmail.imap.criteria"""

from array import array

import msgspec

from odmail.imap.criteria import Criteria
from odmail.imap.reader import MAX_DEPTH, Reader
from odmail.imap.types import BadSyntax

UIDS = array("I", range(2, 2000, 3))
SAVED = array("I", [2, 5, 1001])


def one(data: bytes) -> None:
    reader = Reader(data)
    criteria = Criteria(reader, UIDS, SAVED, recent_from=1000)
    try:
        found = criteria.read()
        reader.end()
    except BadSyntax:
        return
    assert 0 <= criteria.lowest <= len(UIDS)
    assert _depth(found) <= 2 * MAX_DEPTH + 2


def _depth(criterion: object) -> int:
    """Of the tree: the store walks it by recursion."""
    deepest, waiting = 0, [(criterion, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        for name in node.__struct_fields__ if isinstance(node, msgspec.Struct) else ():
            below = getattr(node, name)
            waiting.extend((inner, depth + 1) for inner in (below if isinstance(below, tuple) else (below,)))
    return deepest
