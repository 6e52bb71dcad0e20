"""Fields and the text behind them.  RFC 5322 2.2, RFC 2047"""

import pytest

from odmail.message import header

BLOCK = (
    b"From mbox Mon Nov 23 10:00:00 2026\r\nSubject : one\r\n two\r\nTO: a\r\nX-Empty:\r\nto: b\r\n"
    b"no field\r\n\r\nBody: x\r\n"
)


def test_fields_come_in_order_unfolded_with_lower_case_names():
    assert [
        pair for pair in header.fields(BLOCK[: BLOCK.index(b"Body")]) if pair[0] in (b"subject", b"to", b"x-empty")
    ] == [
        (b"subject", b"one two"),
        (b"to", b"a"),
        (b"x-empty", b""),
        (b"to", b"b"),
    ]


def test_the_index_holds_the_first_of_each():
    assert header.index(BLOCK, {b"to", b"cc"}) == {b"to": b"a"}


def test_spans_tile_the_header_up_to_its_empty_line():
    spans = list(header.spans(BLOCK))
    assert b"".join(BLOCK[start:end] for _, start, end in spans) == BLOCK[: BLOCK.index(b"\r\nBody")]
    assert [name for name, _, _ in spans] == [b"", b"subject", b"to", b"x-empty", b"to", b""]


def test_values_are_found_by_name_whatever_the_case():
    assert header.value(BLOCK, "SUBJECT") == "one two"
    assert header.values(BLOCK, "To") == ["a", "b"]
    assert header.value(BLOCK, "Cc") is None


def test_folds_of_both_line_ends_are_removed_and_white_space_stays():
    assert header.unfold(b"a\r\n b\n\tc\r\n \r\n d") == b"a b\tc  d"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?q?a_b=20=C3=A9?=", "a b é"),
        (b"=?UTF-8?B?4KyT4Kyh4Ky84Ky/4KyG?=", "ଓଡ଼ିଆ"),
        (b"=?us-ascii*en?Q?lang?=", "lang"),
        (b"a =?utf-8?q?b?= c", "a b c"),
        (b"=?utf-8?q?a?= \t =?utf-8?q?b?=", "ab"),  # RFC 2047 6.2
        (b"=?utf-8?q?a_?= =?utf-8?q?b?=", "a b"),
        (b"=?iso-8859-1?q?=E9?= =?utf-8?q?=C3=A9?=", "éé"),
        (b"=?utf-8?b?4Kw=?= =?utf-8?b?kw==?=", "ଓ"),  # a letter torn between two words
        (b"=?utf-8?q?=E0=AC?= =?utf-8?q?=93?=", "ଓ"),
        (b"x=?utf-8?q?y?=z", "xyz"),
        (b"=?utf-8?q?with space?=", "with space"),
        (b"=?utf-8?q?really??=", "really?"),
        (b"=?utf-8?b?4KyT4Kyh4Ky84Ky/4KyG", "=?utf-8?b?4KyT4Kyh4Ky84Ky/4KyG"),
        (b"=?utf-8?b?YW!Jj?=", "abc"),
        (b"=?utf-8?b?YWJj?=", "abc"),
        (b"=?utf-8?b?YQ?=", "a"),
        (b"=?utf-8?b?Y?=", ""),
        (b"=?utf-8?q?=zz=4?=", "=zz=4"),
        (b"=?nonsense?q?abc?=", "abc"),
        (b"=?gb2312?b?xOO6w4Eyjcc=?=", "你好亄"[:2] + b"\x81\x32\x8d\xc7".decode("gb18030", "replace")),
        ("ଓଡ଼ିଆ".encode(), "ଓଡ଼ିଆ"),
        (b"caf\xe9", "café"),
        (b"=?utf-8?q?a=0D=0AX:_y=00?=", "a  X: y "),  # never a line break  A12
        (b"", ""),
        (b"=?=?=?=?", "=?=?=?=?"),
    ],
)
def test_text_is_decoded_whatever_its_state(raw, text):
    assert header.decode(raw) == text
