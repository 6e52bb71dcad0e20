"""The invariants of an account's collections, each as a query for whatever breaks it.  P13"""

from oddav.store.transaction import Transaction

_BREACHES = {
    "what belongs to a collection has none": """SELECT i.item FROM item i LEFT JOIN collection c
        ON c.account = i.account AND c.collection = i.collection WHERE c.collection IS NULL
        UNION ALL SELECT p.collection FROM property p LEFT JOIN collection c
        ON c.account = p.account AND c.collection = p.collection WHERE c.collection IS NULL
        UNION ALL SELECT s.collection FROM share s LEFT JOIN collection c
        ON c.account = s.account AND c.collection = s.collection WHERE c.collection IS NULL
        UNION ALL SELECT p.collection FROM push p LEFT JOIN collection c
        ON c.account = p.account AND c.collection = p.collection WHERE c.collection IS NULL""",
    "a resource has no octets, or not as many as it says": """SELECT i.item FROM item i LEFT JOIN body b
        ON b.account = i.account AND b.item = i.item WHERE b.item IS NULL OR LENGTH(b.octets) <> i.size""",
    "octets or occurrences have no resource": """SELECT b.item FROM body b WHERE b.item NOT IN (SELECT item FROM item)
        UNION ALL SELECT o.item FROM occurrence o WHERE o.item NOT IN (SELECT item FROM item)
        UNION ALL SELECT f.item FROM floating f WHERE f.item NOT IN (SELECT item FROM item)""",
    "a collection's counter differs from its rows": """SELECT c.collection FROM collection c LEFT JOIN item i
        ON i.account = c.account AND i.collection = c.collection GROUP BY c.account, c.collection
        HAVING c.items <> COUNT(i.item)""",
    "the account's use differs from its rows": """SELECT h.octets FROM home h LEFT JOIN item i
        ON i.account = h.account GROUP BY h.account HAVING h.octets <> COALESCE(SUM(i.size), 0)""",
    "a modseq is beyond its collection's": """SELECT i.item FROM item i JOIN collection c
        ON c.account = i.account AND c.collection = i.collection WHERE i.modseq > c.modseq
        UNION ALL SELECT t.collection FROM tombstone t LEFT JOIN collection c
        ON c.account = t.account AND c.collection = t.collection
        WHERE c.collection IS NULL OR t.modseq > c.modseq OR t.modseq <= c.floor""",
    "two changes have one modseq": """SELECT collection FROM (SELECT collection, modseq FROM item
        UNION ALL SELECT collection, modseq FROM tombstone) GROUP BY collection, modseq HAVING COUNT(*) > 1""",
    "a name is both there and gone": """SELECT i.item FROM item i JOIN tombstone t
        ON t.account = i.account AND t.collection = i.collection AND t.href = i.href""",
    "two resources of a collection have one UID": """SELECT i.collection FROM item i JOIN collection c
        ON c.account = i.account AND c.collection = i.collection WHERE c.kind <> 'inbox'
        GROUP BY i.account, i.collection, i.uid HAVING COUNT(*) > 1""",
    "a message has no recipient, or a recipient no message": """SELECT m.message FROM message m LEFT JOIN outgoing o
        ON o.account = m.account AND o.message = m.message WHERE o.message IS NULL
        UNION ALL SELECT o.message FROM outgoing o LEFT JOIN message m
        ON m.account = o.account AND m.message = o.message WHERE m.message IS NULL""",
    "a key is beyond the account's": """SELECT i.item FROM item i JOIN home h ON h.account = i.account
        WHERE i.item >= h.next_item UNION ALL SELECT c.collection FROM collection c
        JOIN home h ON h.account = c.account WHERE c.collection >= h.next_collection""",
}


def check(tx: Transaction) -> list[str]:
    """What is broken, none when all is well."""
    rows = ((text, tx.cursor.first(f"SELECT * FROM ({sql}) LIMIT 1")) for text, sql in _BREACHES.items())  # noqa: S608
    return [f"{text}: {row[0]}" for text, row in rows if row is not None]
