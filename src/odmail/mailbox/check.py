"""The invariants of an account's mail, each as a query for whatever breaks it.  P4, P9-P12

Run by `odmail doctor`, and by every test that has opened a store.
"""

from odcore.blob.store import Blobs
from odmail.mailbox import text
from odmail.mailbox.account import Account
from odmail.mailbox.transaction import Transaction

_BREACHES = {
    "a uid is not below its mailbox's UIDNEXT": """SELECT p.mailbox, p.uid FROM placement p JOIN mailbox b
        ON b.account = p.account AND b.mailbox = p.mailbox WHERE p.uid >= b.uidnext OR p.uid < 1""",
    "a uid is both present and expunged": """SELECT p.mailbox, p.uid FROM placement p JOIN expunged e
        ON e.account = p.account AND e.mailbox = p.mailbox AND e.uid = p.uid""",
    "a uid was expunged twice": """SELECT mailbox, uid FROM expunged GROUP BY account, mailbox, uid
        HAVING COUNT(*) > 1""",
    "an expunged uid is not below UIDNEXT, or its modseq is beyond the mailbox's": """SELECT e.mailbox, e.uid
        FROM expunged e LEFT JOIN mailbox b ON b.account = e.account AND b.mailbox = e.mailbox
        WHERE b.mailbox IS NULL OR e.uid >= b.uidnext OR e.modseq > b.highestmodseq""",
    "a message's modseq is beyond its mailbox's, or before its arrival": """SELECT p.mailbox, p.uid
        FROM placement p JOIN mailbox b ON b.account = p.account AND b.mailbox = p.mailbox
        WHERE p.modseq > b.highestmodseq OR p.created > p.modseq OR p.created < 1""",
    "a forgotten expunge is remembered, or one is forgotten that is to come": """SELECT b.mailbox, b.forgotten
        FROM mailbox b LEFT JOIN expunged e ON e.account = b.account AND e.mailbox = b.mailbox
        AND e.modseq <= b.forgotten WHERE e.uid IS NOT NULL OR b.forgotten > b.fading
        OR b.fading > b.highestmodseq""",
    "a mailbox's modseq is beyond the account's": """SELECT b.mailbox, b.highestmodseq FROM mailbox b
        JOIN account a ON a.account = b.account WHERE b.highestmodseq > a.modseq OR b.highestmodseq < 1""",
    "a mailbox's key or UIDVALIDITY is beyond the account's": """SELECT b.mailbox, b.uidvalidity FROM mailbox b
        JOIN account a ON a.account = b.account WHERE b.mailbox >= a.next_mailbox OR b.uidvalidity > a.uidvalidity""",
    "a mailbox has a name that had a greater or the same UIDVALIDITY": """SELECT b.mailbox, b.name FROM mailbox b
        JOIN retired r ON r.account = b.account AND r.name = b.name WHERE r.uidvalidity >= b.uidvalidity""",
    "a message lies in no mailbox": """SELECT p.mailbox, p.uid FROM placement p LEFT JOIN mailbox b
        ON b.account = p.account AND b.mailbox = p.mailbox AND b.selectable = 1 WHERE b.mailbox IS NULL""",
    "a mailbox's counters differ from its rows": """SELECT b.mailbox, b.name FROM mailbox b
        LEFT JOIN placement p ON p.account = b.account AND p.mailbox = b.mailbox GROUP BY b.account, b.mailbox
        HAVING b.present <> COUNT(p.uid) OR b.size <> COALESCE(SUM(p.size), 0)
        OR b.unseen <> COALESCE(SUM(p.flags & 1 = 0), 0) OR b.deleted <> COALESCE(SUM(p.flags & 8 <> 0), 0)""",
    "\\Recent begins beyond UIDNEXT": "SELECT mailbox, recent_from FROM mailbox WHERE recent_from > uidnext",
    "the account's use differs from its rows": """SELECT a.used, a.messages FROM account a
        LEFT JOIN placement p ON p.account = a.account GROUP BY a.account
        HAVING a.used <> COALESCE(SUM(p.size), 0) OR a.messages <> COUNT(p.uid)""",
    "a place has no message, or another size": """SELECT p.mailbox, p.uid FROM placement p LEFT JOIN message m
        ON m.account = p.account AND m.message = p.message WHERE m.message IS NULL OR m.size <> p.size""",
    "a message has neither a place nor a note to purge it": """SELECT m.message, 0 FROM message m
        LEFT JOIN orphan o ON o.account = m.account AND o.message = m.message
        WHERE o.message IS NULL AND m.message NOT IN (SELECT p.message FROM placement p)""",
    "a note to purge has no message": """SELECT o.message, 0 FROM orphan o LEFT JOIN message m
        ON m.account = o.account AND m.message = o.message WHERE m.message IS NULL""",
    "a message has no body": """SELECT m.message, 0 FROM message m LEFT JOIN body b
        ON b.account = m.account AND b.message = m.message WHERE b.message IS NULL""",
    "a body has no message": """SELECT b.message, 0 FROM body b LEFT JOIN message m
        ON m.account = b.account AND m.message = b.message WHERE m.message IS NULL""",
    "a message has no structure, or a structure no message": """SELECT COALESCE(m.message, s.message), 0 FROM message m
        FULL JOIN structure s ON s.account = m.account AND s.message = m.message
        WHERE m.message IS NULL OR s.message IS NULL""",
    "an outline has no message": """SELECT o.message, 0 FROM outline o LEFT JOIN message m
        ON m.account = o.account AND m.message = o.message WHERE m.message IS NULL""",
    "a body's octets differ from the message's size": """SELECT m.message, m.size FROM message m JOIN body b
        ON b.account = m.account AND b.message = m.message WHERE LENGTH(b.header) <> m.header_size
        OR (m.digest IS NULL AND LENGTH(b.header) + COALESCE(LENGTH(b.rest), -1) <> m.size)
        OR (m.digest IS NOT NULL AND b.rest IS NOT NULL)""",
    "a message's key is beyond the account's": """SELECT m.message, 0 FROM message m JOIN account a
        ON a.account = m.account WHERE m.message >= a.next_message""",
    "a message has a keyword without a name": """SELECT p.mailbox, p.uid FROM placement p
        WHERE p.keywords >> (SELECT COUNT(*) FROM keyword k WHERE k.account = p.account) <> 0""",
    "a reader has seen what is not there": """SELECT s.mailbox, s.uid FROM seen s LEFT JOIN placement p
        ON p.account = s.account AND p.mailbox = s.mailbox AND p.uid = s.uid WHERE p.uid IS NULL""",
    "a reader's counter differs from its rows": """SELECT r.mailbox, r.seen FROM reader r LEFT JOIN seen s
        ON s.account = r.account AND s.reader = r.reader AND s.mailbox = r.mailbox
        GROUP BY r.account, r.reader, r.mailbox HAVING r.seen <> COUNT(s.uid)""",
    "a reader has no counter": """SELECT s.mailbox, s.uid FROM seen s LEFT JOIN reader r
        ON r.account = s.account AND r.reader = s.reader AND r.mailbox = s.mailbox WHERE r.mailbox IS NULL""",
    "an access list belongs to no mailbox": """SELECT a.mailbox, a.subject FROM acl a LEFT JOIN mailbox b
        ON b.account = a.account AND b.mailbox = a.mailbox WHERE b.mailbox IS NULL""",
    "an annotation belongs to no mailbox, or its modseq is beyond the account's": """SELECT n.mailbox, n.entry
        FROM annotation n JOIN account a ON a.account = n.account LEFT JOIN mailbox b
        ON b.account = n.account AND b.mailbox = n.mailbox
        WHERE (b.mailbox IS NULL AND n.mailbox <> 0) OR n.modseq > a.modseq""",
    "a mailbox has no parent": """SELECT b.mailbox, b.name FROM mailbox b WHERE b.name LIKE '%/%' AND NOT EXISTS
        (SELECT 1 FROM mailbox o WHERE o.account = b.account
        AND o.name || '/' = SUBSTR(b.name, 1, LENGTH(o.name) + 1)
        AND SUBSTR(b.name, LENGTH(o.name) + 2) NOT LIKE '%/%')""",
    "a bare name has no children": """SELECT b.mailbox, b.name FROM mailbox b WHERE b.selectable = 0
        AND NOT EXISTS (SELECT 1 FROM mailbox o WHERE o.account = b.account AND o.name > b.name || '/'
        AND o.name < b.name || '0')""",
    "a special use is given twice": """SELECT special_use, COUNT(*) FROM mailbox WHERE special_use IS NOT NULL
        GROUP BY account, special_use HAVING COUNT(*) > 1""",
    "INBOX is missing": """SELECT a.account, 0 FROM account a WHERE NOT EXISTS
        (SELECT 1 FROM mailbox b WHERE b.account = a.account AND b.name = 'INBOX' AND b.selectable = 1)""",
    "two scripts are active": """SELECT account, COUNT(*) FROM script WHERE active = 1 GROUP BY account
        HAVING COUNT(*) > 1""",
    "a script's size or version is wrong": """SELECT s.version, s.size FROM script s JOIN account a
        ON a.account = s.account WHERE s.size <> LENGTH(CAST(s.text AS BLOB)) OR s.version > a.modseq""",
    "a message's thread is not known": "SELECT message, thread FROM message WHERE thread > message",
}
_DIGESTS = "SELECT DISTINCT digest, size FROM message WHERE digest IS NOT NULL AND account = :account"
_SHOWN = 5


def check(account: Account, *, octets: bool = False) -> list[str]:
    """All breaches, in words; an empty list is health. With `octets` every large body is read and verified."""
    return account.read(lambda tx: _check(tx, account.blobs, octets=octets))


def _check(tx: Transaction, blobs: Blobs, *, octets: bool) -> list[str]:
    breaches = []
    for breach, query in _BREACHES.items():
        rows = tx.cursor.all(query)
        if rows:
            breaches.append(f"{breach}: {', '.join(map(str, rows[:_SHOWN]))}")
    return breaches + _check_blobs(tx, blobs, octets=octets) + text.check(tx)


def _check_blobs(tx: Transaction, blobs: Blobs, *, octets: bool) -> list[str]:
    breaches = []
    for digest, size in tx.cursor.all(_DIGESTS, {"account": tx.account}):
        path = blobs.path(digest)
        if not path.exists():
            breaches.append(f"a blob is missing: {digest}")
        elif path.stat().st_size != size or (octets and not blobs.verify(digest)):
            breaches.append(f"a blob is damaged: {digest}")
    return breaches
