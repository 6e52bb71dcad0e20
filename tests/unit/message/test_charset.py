"""Charsets, known, mislabelled and made up.  RFC 2978"""

import pytest

from odmail.message.charset import codec, decode

TEXT = "ଓଡ଼ିଆ ଭାଷା"


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "utf-16", "utf-16le", "utf-32be", "gb18030"])
def test_odia_survives_every_charset_that_can_hold_it(charset):
    assert decode(TEXT.encode(charset), charset) == TEXT


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        (b"caf\xe9 \x93x\x94", "iso-8859-1", "café “x”"),  # what is called Latin-1 is windows-1252
        (b"\x81\x30\x81\x30", "gb2312", "\x80"),
        (b"\xb0\xa1", "ks_c_5601-1987", "가"),
        (b"\x93\xfa", "Shift_JIS", "日"),
        (b'\x1b$B$"\x1b(B', "iso-2022-jp", "あ"),
        (b"\xcf\xf0", "windows-1251", "Пр"),
        (b"\xcf\xf0", "cswindows1251", "Пр"),
        (b"caf\xe9", "made-up-charset", "café"),
        ("é".encode(), "x-unknown", "é"),
        ("ଓ".encode(), "us-ascii", "ଓ"),
        ("ଓ".encode(), "gb2312", "\u68b8\u6421"[:0] + decode("ଓ".encode(), "gb18030")),
        (b"\xff\xfe", "utf-8", "ÿþ"),
        (b"a\x80", "shift_jis", "a\x80"),
        (b"", "utf-8", ""),
    ],
)
def test_text_comes_out_whatever_the_label(data, charset, text):
    assert decode(data, charset) == text


@pytest.mark.parametrize(
    "charset",
    [
        "utf-7",
        "UNICODE-1-1-UTF-7",
        "csunicode11utf7",
        "idna",
        "punycode",
        "zlib_codec",
        "rot13",
        "hex",
        "unicode_escape",
        "base64",
        "undefined",
        "x" * 10_000,
        "a\0b",
        "../x",
        "",
    ],
)
def test_codecs_that_are_no_charsets_are_never_used(charset):
    assert codec(charset) == ""
    assert decode(b"+ADw-script+AD4-", charset) == "+ADw-script+AD4-"


def test_every_codec_on_the_list_decodes_anything():
    from odmail.message import charset

    for name in set(charset._CODECS.values()):
        assert isinstance(decode(bytes(range(256)), name), str)
