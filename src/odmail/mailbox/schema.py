"""The tables of an account's mail. `account` is in every primary key, so that one schema serves one file for each
account (SQLite) and one database for all (PostgreSQL).

account     one row: the counters everything is numbered from, and the quota
mailbox     a mailbox and its counters: SELECT and STATUS read this row and nothing else
placement   a message's place in a mailbox: uid, flags, modseq. COPY and MOVE write only these
message     what arrival computed, as wire-ready bytes; never changes
structure   its BODYSTRUCTURE, apart from the rest: programs ask it of whole mailboxes
outline     the header fields that mail programs list messages by (`message.outline`)
body        a message's octets: header block and, when small, the rest (else `message.digest` names a blob)
expunged    uids that are gone, by modseq (RFC 7162); `ops.forget` keeps the last ones
orphan      messages that lost a placement: `ops.purge` looks whether it was the last and lets the octets go
reference   Message-IDs (hashed with the base subject) and the thread they belong to (RFC 8474 5.2)
retired     names a mailbox has left, with its UIDVALIDITY: whoever takes the name must have a greater one
seen        a post's private \\Seen: which reader has seen which message
reader      how many messages of a mailbox a reader has seen
annotation  what people and programs noted about a mailbox, or about the server (mailbox 0) (RFC 5464)
acl         who else may do what in a mailbox (RFC 4314)
script      Sieve scripts, one of them active at most
mark        what scripts remember for a time: who was answered, what was seen
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text

metadata = MetaData()


def _key(name: str) -> "Column[int]":
    return Column(name, BigInteger, primary_key=True, autoincrement=False, nullable=False)


def _number(name: str) -> "Column[int]":
    return Column(name, BigInteger, nullable=False)


account = Table(
    "account",
    metadata,
    _key("account"),
    _number("modseq"),
    _number("next_message"),
    _number("next_mailbox"),
    _number("uidvalidity"),  # the last one given out
    _number("used"),  # octets of all placements
    _number("messages"),  # number of placements
    _number("quota"),  # octets, 0 for none
    _number("indexed"),  # messages up to this key are in the text index
    Column("outlined", BigInteger, server_default="0", nullable=False),  # messages from this key on have outlines
)

mailbox = Table(
    "mailbox",
    metadata,
    _key("account"),
    _key("mailbox"),
    Column("name", Text, nullable=False),
    _number("uidvalidity"),
    _number("uidnext"),
    _number("highestmodseq"),
    _number("present"),
    _number("unseen"),
    _number("deleted"),
    _number("size"),
    _number("recent_from"),
    Column("special_use", Text),
    Column("selectable", Integer, nullable=False),
    Column("forgotten", BigInteger, server_default="0", nullable=False),  # expunges up to this modseq are not known
    Column("fading", BigInteger, server_default="0", nullable=False),  # and up to this one will soon not be
    Index("mailbox_name", "account", "name", unique=True),
    sqlite_with_rowid=False,
)

subscription = Table(
    "subscription",
    metadata,
    _key("account"),
    Column("name", Text, primary_key=True, nullable=False),
    sqlite_with_rowid=False,
)

keyword = Table(
    "keyword",
    metadata,
    _key("account"),
    _key("bit"),
    Column("name", Text, nullable=False),
    sqlite_with_rowid=False,
)

placement = Table(
    "placement",
    metadata,
    _key("account"),
    _key("mailbox"),
    _key("uid"),
    _number("message"),
    _number("flags"),
    _number("keywords"),
    _number("modseq"),
    _number("created"),  # modseq of its arrival in this mailbox
    _number("saved"),
    _number("received"),
    _number("size"),
    Index("placement_modseq", "account", "mailbox", "modseq"),
    Index("placement_received", "account", "mailbox", "received"),
    Index("placement_unseen", "account", "mailbox", "uid", sqlite_where=text("flags & 1 = 0")),
    sqlite_with_rowid=False,
)

message = Table(
    "message",
    metadata,
    _key("account"),
    _key("message"),
    _number("size"),
    _number("header_size"),
    _number("thread"),
    Column("sent", BigInteger),
    Column("sent_day", BigInteger),
    Column("digest", Text),
    Column("envelope", LargeBinary, nullable=False),
    Column("part", LargeBinary, nullable=False),
    Column("preview", Text, nullable=False),
    Column("sort", LargeBinary, nullable=False),
    _number("attachments"),
    Column("links", LargeBinary),  # NULL: the message came before this column
    Index("message_unlinked", "account", "message", sqlite_where=text("links IS NULL")),
    Index("message_digest", "account", "digest", sqlite_where=text("digest IS NOT NULL")),
)

structure = Table(
    "structure",
    metadata,
    _key("account"),
    _key("message"),
    Column("octets", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

outline = Table(
    "outline",
    metadata,
    _key("account"),
    _key("message"),
    Column("octets", LargeBinary, nullable=False),
)

body = Table(
    "body",
    metadata,
    _key("account"),
    _key("message"),
    Column("header", LargeBinary, nullable=False),
    Column("rest", LargeBinary),
)

expunged = Table(
    "expunged",
    metadata,
    _key("account"),
    _key("mailbox"),
    _key("modseq"),
    _key("uid"),
    sqlite_with_rowid=False,
)

orphan = Table("orphan", metadata, _key("account"), _key("message"), sqlite_with_rowid=False)

reference = Table(
    "reference",
    metadata,
    _key("account"),
    _key("hash"),
    _number("thread"),
    sqlite_with_rowid=False,
)

retired = Table(
    "retired",
    metadata,
    _key("account"),
    Column("name", Text, primary_key=True, nullable=False),
    _number("uidvalidity"),
    sqlite_with_rowid=False,
)

seen = Table(
    "seen",
    metadata,
    _key("account"),
    _key("reader"),
    _key("mailbox"),
    _key("uid"),
    sqlite_with_rowid=False,
)

reader = Table(
    "reader",
    metadata,
    _key("account"),
    _key("reader"),
    _key("mailbox"),
    _number("seen"),
    sqlite_with_rowid=False,
)

acl = Table(
    "acl",
    metadata,
    _key("account"),
    _key("mailbox"),
    Column("subject", Text, primary_key=True, nullable=False),  # see odcore.sharing.api
    _key("negative"),  # 1: these rights are taken away
    Column("rights", Text, nullable=False),
    Column("giver", Text, nullable=False),  # the person who wrote the entry, "" for an administrator
    sqlite_with_rowid=False,
)

script = Table(
    "script",
    metadata,
    _key("account"),
    Column("name", Text, primary_key=True, nullable=False),
    _number("size"),
    Column("active", Integer, nullable=False),
    _number("version"),  # the modseq of its last change
    _number("changed"),
    Column("text", Text, nullable=False),
)

mark = Table(
    "mark",
    metadata,
    _key("account"),
    Column("key", Text, primary_key=True, nullable=False),
    _number("until"),
    Index("mark_until", "account", "until"),
    sqlite_with_rowid=False,
)

annotation = Table(
    "annotation",
    metadata,
    _key("account"),
    _key("mailbox"),
    _key("reader"),  # whose it is, 0 for the owner's; -1: shared
    Column("entry", Text, primary_key=True, nullable=False),  # in lower case, with /private or /shared
    Column("value", LargeBinary),  # none: it was removed
    _number("modseq"),
    Index("annotation_modseq", "account", "modseq"),
)
