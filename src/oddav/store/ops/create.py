"""A new collection.  RFC 4791 5.3.1, RFC 5689"""

from odcore import clock, ids
from odcore.errors import Fault, Kind
from oddav.store.model import Collection, Create
from oddav.store.ops.properties import write
from oddav.store.transaction import Home, Transaction

_MOST = 250


def create(tx: Transaction, options: Create) -> Collection:
    """Fault EXISTS, LIMIT."""
    if tx.find(options.name) is not None:
        raise Fault(Kind.EXISTS, "There is something of that name.")
    if len(tx.collections()) >= _MOST:
        raise Fault(Kind.LIMIT, f"An account has at most {_MOST} calendars and address books.")
    home = tx.home()
    made = add(tx, home, options)
    tx.save_home(home)
    return made


def add(tx: Transaction, home: Home, options: Create) -> Collection:
    """The caller saves the home."""
    made = Collection(
        collection=home.next_collection,
        name=options.name,
        kind=options.kind,
        components=options.components,
        epoch=ids.readable(12),
        modseq=1,
        floor=0,
        items=0,
        modified=clock.timestamp(),
        source=options.source,
    )
    home.next_collection += 1
    tx.add(made)
    write(tx, made, dict(options.properties))
    return made
