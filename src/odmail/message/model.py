"""What is known of a message once it has been read: computed once at arrival, stored, never recomputed."""

import msgspec


class Part(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One MIME part, by offsets into the message (RFC 2045).

    `children` are the parts of a multipart, or the single body of a message/rfc822 part.
    All offsets count octets from the start of the outermost message.
    """

    header_start: int
    body_start: int
    end: int
    kind: str  # lower-case type, "text"
    subtype: str  # lower-case subtype, "plain"
    encoding: str  # lower-case content-transfer-encoding, "7bit" when absent
    charset: str  # lower case, "" when not stated
    filename: str  # decoded, "" when none
    disposition: str  # lower case, "" when none
    lines: int  # lines in the body of a text or message part, 0 for all others
    children: "tuple[Part, ...]" = ()


class SortKeys(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Keys for SORT and THREAD, ready to compare.  RFC 5256 2.1, RFC 5957"""

    subject: str  # base subject, by the collation i;unicode-casemap
    from_: str  # addr-mailbox of the first From, by the same
    to: str
    cc: str
    display_from: str
    display_to: str


class Links(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What THREAD=REFERENCES must know besides the subject.  RFC 5256 3"""

    id: str  # as `Parsed.message_id`
    references: tuple[str, ...]
    reply: bool  # the subject says that the message is one, or a forward


class Parsed(msgspec.Struct, frozen=True, gc=False):
    """Everything the store keeps of a message besides its bytes."""

    size: int  # octets (RFC822.SIZE)
    header_size: int  # octets of the header with its empty line; header block is body[:header_size]
    envelope: bytes  # the ENVELOPE value, parentheses included, ready for the wire (RFC 9051 7.5.2)
    structure: bytes  # the BODYSTRUCTURE value, ready for the wire
    part: Part  # the tree `structure` was made of, for BODY[1.2.MIME] and BINARY
    preview: str  # at most 200 characters of the first readable text (RFC 8970)
    message_id: str  # without angle brackets, "" when absent
    references: tuple[str, ...]  # References, else In-Reply-To, oldest first, without angle brackets
    base_subject: str  # RFC 5256 2.1
    sent: int | None  # the Date field in seconds since the epoch, None when absent or unreadable
    sort: SortKeys
    attachments: int  # number of parts a person would call an attachment
    reply: bool = False  # the subject marks a reply or a forward
    sent_day: int | None = None  # midnight UTC of the day the Date field shows in its own zone, for SENTON and kin
