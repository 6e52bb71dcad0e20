"""The tables of an account's collections. `account` is in every primary key, as in the mail store's.

home        one row: the counters everything is numbered from, and what is used
collection  a calendar, a task list, an address book: listings and sync tokens read this row and nothing else
property    what apps noted about a collection: XML as they sent it
share       who is let into a collection, and how far
note        what the account's apps noted about a collection of somebody else's: its name, its colour
item        a resource's facts; never its octets
body        its octets, as they came
occurrence  when it happens, up to the item's `exact_until`
floating    the same of what has no time zone, as if clocks showed UTC everywhere: an instant only once a zone is known
message     an iTIP message that is not yet where it shall be, once for all its recipients
outgoing    who is still to get it, in the order of what happened
arrival     iTIP messages that were here, so that none counts twice
feed        what is known of a subscribed calendar since it was last fetched
push        devices that want to be told when a collection changes, and how far each was told
note_mark   how far the two faces of the account's notes have been compared
note_pair   a note's two faces: the journal, the message, and what they said when they last were alike
note_letter messages that are notes, by uid: the last one of a key counts
tombstone   names that are gone, by modseq; above the collection's `floor` none is missing (RFC 6578)
"""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, Text

metadata = MetaData()


def _key(name: str) -> "Column[int]":
    return Column(name, BigInteger, primary_key=True, autoincrement=False, nullable=False)


def _number(name: str) -> "Column[int]":
    return Column(name, BigInteger, nullable=False)


def _text(name: str, key: bool = False) -> "Column[str]":
    return Column(name, Text, primary_key=key, nullable=False)


home = Table("home", metadata, _key("account"), _number("next_collection"), _number("next_item"), _number("octets"))

collection = Table(
    "collection",
    metadata,
    _key("account"),
    _key("collection"),
    _text("name"),
    _text("kind"),
    _text("components"),
    _text("epoch"),  # of this collection and no other that had its name before
    _number("modseq"),
    _number("floor"),
    _number("items"),
    _number("modified"),
    Column("source", Text, nullable=False, server_default=""),
    Index("collection_name", "account", "name", unique=True),
)

property_ = Table("property", metadata, _key("account"), _key("collection"), _text("name", key=True), _text("xml"))

share = Table(
    "share",
    metadata,
    _key("account"),
    _key("collection"),
    _text("subject", key=True),
    _number("access"),
    _text("giver"),  # the holder who gave it for a post, with whose charge it ends; "" for one that stands
    sqlite_with_rowid=False,
)

note = Table(
    "note",
    metadata,
    _key("account"),
    _text("owner", key=True),
    _key("collection"),
    _text("name", key=True),
    _text("xml"),
    sqlite_with_rowid=False,
)

item = Table(
    "item",
    metadata,
    _key("account"),
    _key("item"),
    _number("collection"),
    _text("href"),
    _text("uid"),
    _text("etag"),
    _text("component"),
    _number("exact_until"),
    _number("size"),
    _number("modseq"),
    _number("modified"),
    Column("schedule_tag", Text, nullable=False, server_default=""),
    Index("item_href", "account", "collection", "href", unique=True),
    Index("item_uid", "account", "collection", "uid"),
    Index("item_by_uid", "account", "uid"),
    Index("item_modseq", "account", "collection", "modseq"),
)

body = Table("body", metadata, _key("account"), _key("item"), Column("octets", LargeBinary, nullable=False))

occurrence = Table(
    "occurrence",
    metadata,
    _key("account"),
    _key("item"),
    _key("begins"),
    _key("ends"),
    sqlite_with_rowid=False,
)

floating = Table(
    "floating",
    metadata,
    _key("account"),
    _key("item"),
    _key("begins"),
    _key("ends"),
    Index("floating_begins", "account", "begins"),
    sqlite_with_rowid=False,
)

message = Table(
    "message",
    metadata,
    _key("account"),
    _key("message"),
    _text("id"),
    _text("method"),
    _text("sender"),
    Column("octets", LargeBinary, nullable=False),
)

outgoing = Table(
    "outgoing",
    metadata,
    _key("account"),
    _key("message"),
    _text("recipient", key=True),
    _number("due"),
    _number("tries"),
    sqlite_with_rowid=False,
)

arrival = Table(
    "arrival",
    metadata,
    _key("account"),
    _text("id", key=True),
    _number("arrived"),
    sqlite_with_rowid=False,
)

tombstone = Table(
    "tombstone",
    metadata,
    _key("account"),
    _key("collection"),
    _text("href", key=True),
    _number("modseq"),
    Index("tombstone_modseq", "account", "collection", "modseq"),
    sqlite_with_rowid=False,
)

feed = Table(
    "feed",
    metadata,
    _key("account"),
    _key("collection"),
    _text("etag"),
    _text("modified"),
    _number("fetched"),
    _number("due"),
    _number("tries"),
    _text("said"),
    sqlite_with_rowid=False,
)

note_mark = Table(
    "note_mark", metadata, _key("account"), _number("mailbox"), _number("modseq"), _number("uidnext"), _text("token")
)

note_pair = Table(
    "note_pair",
    metadata,
    _key("account"),
    _text("key", key=True),
    _text("href"),
    _text("etag"),
    _number("uid"),
    _text("base"),
    _number("due"),
    Index("note_pair_href", "account", "href"),
    Index("note_pair_due", "account", "due"),
    sqlite_with_rowid=False,
)

note_letter = Table(
    "note_letter",
    metadata,
    _key("account"),
    _key("uid"),
    _text("key"),
    Index("note_letter_key", "account", "key", "uid"),
    sqlite_with_rowid=False,
)

push = Table(
    "push",
    metadata,
    _key("account"),
    _text("id", key=True),
    _number("collection"),
    _text("person"),
    _text("signed_in"),  # the account: the person's own, or a post's
    _text("device"),
    _text("resource"),
    Column("public_key", LargeBinary, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    _number("content"),
    _number("properties"),
    _number("expires"),
    _number("told"),
    _number("described"),
    _number("due"),
    _number("failing"),
    Index("push_resource", "account", "collection", "person", "resource", unique=True),
)
