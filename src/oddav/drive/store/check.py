"""The invariants of a drive, each as a query for whatever breaks it.  P4"""

from odcore.blob.store import Blobs
from oddav.drive.store import contents
from oddav.drive.store.drive import Drive
from oddav.drive.store.transaction import Transaction

_BREACHES = {
    "a node lies in no folder": """SELECT n.node, n.name FROM node n LEFT JOIN node p ON p.account = n.account
        AND p.node = n.parent AND p.folder = 1 WHERE n.trashed IS NULL AND n.parent <> 1 AND p.node IS NULL""",
    "a file has no content, or a folder has one": "SELECT node, name FROM node WHERE (digest IS NULL) <> folder",
    "a node or version is not below the drive's counters": """SELECT n.node, n.modseq FROM node n JOIN drive d
        ON d.account = n.account WHERE n.node >= d.next_node OR n.node < 2 OR n.modseq > d.modseq
        UNION SELECT v.version, v.node FROM version v JOIN drive d ON d.account = v.account
        WHERE v.version >= d.next_version""",
    "the octets in use are not those of the files": """WITH RECURSIVE live(node) AS (SELECT 1 UNION ALL
        SELECT n.node FROM node n JOIN live ON n.parent = live.node WHERE n.trashed IS NULL)
        SELECT d.used, t.size FROM drive d,
        (SELECT COALESCE(SUM(size), 0) AS size FROM node JOIN live USING (node)) t WHERE d.used <> t.size""",
    "the octets kept are not those of versions and the trash": """SELECT d.kept, n.size - d.used + v.size FROM drive d,
        (SELECT COALESCE(SUM(size), 0) AS size FROM node) n, (SELECT COALESCE(SUM(size), 0) AS size FROM version) v
        WHERE d.kept <> n.size - d.used + v.size""",
    "a version, property or share belongs to no file": """SELECT node, 'version' FROM version
        WHERE node NOT IN (SELECT node FROM node) UNION SELECT node, name FROM property
        WHERE node <> 1 AND node NOT IN (SELECT node FROM node) UNION SELECT node, subject FROM share
        WHERE node <> 1 AND node NOT IN (SELECT node FROM node WHERE folder = 1)""",
    "what is in the trash has no path": "SELECT node, name FROM node WHERE (trashed IS NULL) <> (origin IS NULL)",
}
_DIGESTS = """SELECT digest, size FROM node WHERE digest IS NOT NULL AND account = :account
    UNION SELECT digest, size FROM version WHERE account = :account"""
_SHOWN = 5


def check(drive: Drive, *, octets: bool = False) -> list[str]:
    """All breaches, in words; an empty list is health. With `octets` every content is read and verified."""
    return drive.read(lambda tx: _check(tx, drive.blobs, octets=octets))


def _check(tx: Transaction, blobs: Blobs, *, octets: bool) -> list[str]:
    breaches = []
    for breach, query in _BREACHES.items():
        rows = tx.cursor.all(query)
        if rows:
            breaches.append(f"{breach}: {', '.join(map(str, rows[:_SHOWN]))}")
    for digest, size in tx.cursor.all(_DIGESTS, tx.bound()):
        fault = contents.fault_of(tx, digest, size, blobs, octets=octets)
        if fault is not None:
            breaches.append(f"a content is {fault}: {digest}")
    return breaches
